/** Far more than any event; whoever sends more wants our memory. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * The lines of a stream, as bytes without their end (LF or CR LF); empty ones are passed over, and one
 * that is too long is null. A line lives until the next one is asked for. Takes memory for one line
 * and time for each byte once, in whatever chunks they come.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer | null, void, undefined> {
  const rest = new Rest();
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      const line = rest.endWith(bytes.subarray(start, end));
      if (line?.length !== 0) yield line;
      start = end + 1;
    }
    rest.add(bytes.subarray(start));
  }
  const line = rest.endWith(Buffer.alloc(0));
  if (line?.length !== 0) yield line;
}

/** The beginning of a line whose end has not come yet. */
class Rest {
  #kept = Buffer.alloc(0);
  #length = 0;
  #tooLong = false;

  /** Copies, for the chunk is somebody else's. Of a line that is too long nothing is kept. */
  add(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    this.#tooLong ||= length > MAX_LINE_BYTES;
    if (this.#tooLong) return;
    if (length > this.#kept.length) {
      // Twice as much each time, so that no byte is copied more than a few times.
      const more = Buffer.alloc(Math.min(Math.max(2 * length, 4096), MAX_LINE_BYTES));
      this.#kept.copy(more, 0, 0, this.#length);
      this.#kept = more;
    }
    bytes.copy(this.#kept, this.#length);
    this.#length = length;
  }

  /** The whole line; null when it is too long. */
  endWith(bytes: Buffer): Buffer | null {
    const whole = this.#length === 0 && !this.#tooLong && bytes.length <= MAX_LINE_BYTES;
    if (!whole) this.add(bytes);
    const line = whole ? bytes : this.#kept.subarray(0, this.#length);
    const tooLong = this.#tooLong;
    this.#length = 0;
    this.#tooLong = false;
    if (tooLong) return null;
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }
}
