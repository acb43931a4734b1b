import type { Field } from '../address/field.ts';
import { ANNOTATIONS, MAX_ANNOTATION_BYTES } from './annotations.ts';
import { NameTable } from './name_table.ts';

const [SPACE] = [32];
const names = new NameTable(ANNOTATIONS);

/** Index of the name of an annotation, or -1. */
export const annotationAt = (bytes: Uint8Array, start: number, end: number): number => names.find(bytes, start, end);

/** Annotations of a line as byte ranges of its buffer. */
export class AnnotationBytes {
  count = 0;
  readonly names: Field[] = ANNOTATIONS.map(() => ({ start: 0, end: 0 }));
  readonly values: Field[] = ANNOTATIONS.map(() => ({ start: 0, end: 0 }));
  #met = 0;
  #bytes = 0;

  clear(): void {
    this.count = 0;
    this.#met = 0;
    this.#bytes = 0;
  }

  /**
   * Takes one, its value without the spaces around it.
   * @param index of its name
   * @param value `[valueStart, valueEnd)`, in printable ASCII
   * @returns false if it is to be left out
   */
  add(bytes: Uint8Array, index: number, nameStart: number, nameEnd: number, from: number, to: number): boolean {
    let start = from;
    let end = to;
    while (start < end && bytes[start] === SPACE) start++;
    while (start < end && bytes[end - 1] === SPACE) end--;
    this.#bytes += end - start;
    const bit = 1 << index;
    if ((this.#met & bit) !== 0 || this.#bytes > MAX_ANNOTATION_BYTES) return false;
    this.#met |= bit;
    const name = this.names[this.count] as Field;
    const value = this.values[this.count] as Field;
    name.start = nameStart;
    name.end = nameEnd;
    value.start = start;
    value.end = end;
    this.count++;
    return true;
  }
}
