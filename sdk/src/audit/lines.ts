/** The lines of a stream, as bytes; empty ones are passed over. A line lives until the next one is asked for. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    let start = 0;
    for (let end = all.indexOf(LF); end >= 0; end = all.indexOf(LF, start)) {
      if (end > start) yield all.subarray(start, end);
      start = end + 1;
    }
    rest = Buffer.from(all.subarray(start));
  }
  if (rest.length > 0) yield rest;
}

const LF = 0x0a;
