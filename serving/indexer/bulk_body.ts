/** Most batches have a few rows; of 5,000 it has grown to a megabyte, which is kept for the next ones. */
const FIRST_SIZE = 16_384;

/**
 * The lines of a bulk request as bytes. As strings, which wait in pieces until the request is answered, they made the
 * heap of an indexer twice as large.
 */
export class BulkBody {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_SIZE);
  #end = 0;
  #documents = 0;

  get documents(): number {
    return this.#documents;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** @param lines of one document, each with its end */
  add(lines: string): void {
    this.#makeRoom(3 * lines.length);
    this.#end += this.#bytes.write(lines, this.#end);
    this.#documents += 1;
  }

  /** To be filled anew; what it held must not be needed any more. */
  emptied(): this {
    this.#end = 0;
    this.#documents = 0;
    return this;
  }

  #makeRoom(most: number): void {
    if (this.#end + most <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + most));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
