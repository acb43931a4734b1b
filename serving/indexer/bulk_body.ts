/** Most batches have a few rows; for 5,000 it grows to a megabyte, which is reused by later ones. */
const FIRST_SIZE = 16_384;

/**
 * The lines of a bulk request as bytes. Kept as strings until the request is answered, they doubled the heap of an
 * indexer.
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

  /** @param lines of one document, each with its line end */
  add(lines: string): void {
    this.#makeRoom(3 * lines.length);
    this.#end += this.#bytes.write(lines, this.#end);
    this.#documents += 1;
  }

  /** Emptied for reuse; its previous bytes must no longer be needed. */
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
