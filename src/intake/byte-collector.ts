/**
 * Puts the pieces of a body together. Most bodies come in one piece, which is handed on as it is; the others
 * are copied into a buffer that doubles, so that a body sent byte by byte costs no more than its size.
 */
export class ByteCollector {
  readonly #maxBytes: number;
  #first: Buffer | null = null;
  #buffer: Buffer | null = null;
  #seen = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes came by, kept or not. */
  get seen(): number {
    return this.#seen;
  }

  add(piece: Buffer): void {
    const start = this.#seen;
    this.#seen += piece.length;
    if (this.#seen > this.#maxBytes) this.#first = this.#buffer = null;
    else if (start === 0) this.#first = piece;
    else piece.copy(this.#room(start), start);
  }

  /** The whole body, or null when it was larger than allowed. */
  bytes(): Buffer | null {
    if (this.#seen > this.#maxBytes) return null;
    return this.#buffer?.subarray(0, this.#seen) ?? this.#first ?? Buffer.alloc(0);
  }

  #room(used: number): Buffer {
    if (this.#buffer === null || this.#buffer.length < this.#seen) {
      const larger = Buffer.allocUnsafe(Math.min(this.#maxBytes, this.#seen * 2));
      (this.#buffer ?? this.#first)?.copy(larger, 0, 0, used);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}
