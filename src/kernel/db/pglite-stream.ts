/**
 * What pg takes for a socket: forwards the protocol to the embedded database. Only whole batches
 * leave (everything up to a Sync or a simple Query), because the database answers each piece that
 * it is given as if it were complete.
 */
import { Duplex } from 'node:stream';

interface PGliteStreamOptions {
  /** Resolves when the database can be talked to. */
  readonly ready: Promise<void>;
  /** Takes whole batches and may keep the bytes; `ends` tells where each batch ends. */
  readonly send: (bytes: Uint8Array<ArrayBuffer>, ends: number[]) => void;
  readonly onGone: () => void;
}

const SYNC = 0x53;
const SIMPLE_QUERY = 0x51;
const PASSWORD = 0x70;
const TERMINATE = 0x58;

export class PGliteStream extends Duplex {
  readonly #options: PGliteStreamOptions;
  #pending: Buffer = Buffer.alloc(0);
  #started = false;

  constructor(options: PGliteStreamOptions) {
    super();
    this.#options = options;
  }

  /** As net.Socket's; there is nowhere to connect to. */
  connect(): this {
    this.#options.ready.then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** What the database said to this stream. */
  receive(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.destroyed) this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#accept([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#accept(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#options.onGone();
    done(error);
  }

  #accept(chunks: Buffer[]): void {
    const bytes = Buffer.concat([this.#pending, ...chunks]);
    const ends = this.#batches(bytes);
    const end = ends.at(-1) ?? 0;
    this.#pending = bytes.subarray(end);
    // A copy with a buffer of its own: that buffer goes to the other thread.
    if (end > 0) this.#options.send(new Uint8Array(bytes.subarray(0, end)), ends);
  }

  /** Where the whole batches of `bytes` end. */
  #batches(bytes: Buffer): number[] {
    const ends: number[] = [];
    for (let at = 0; ; ) {
      // The first message of a connection has no type.
      const header = this.#started ? 1 : 0;
      if (bytes.length < at + header + 4) return ends;
      const type = this.#started ? bytes[at] : PASSWORD;
      const end = at + header + bytes.readInt32BE(at + header);
      if (bytes.length < end || type === TERMINATE) return ends;
      this.#started = true;
      if (type === SYNC || type === SIMPLE_QUERY || type === PASSWORD) ends.push(end);
      at = end;
    }
  }
}
