import { z } from 'zod';
import { hasControlCharacter } from './text.ts';

/** What a line may tell of an event beside its fields. No part of its identity. */
export const ANNOTATIONS = [
  'ua',
  'referrer',
  'impression_id',
  'click_id',
  'purpose',
  'verdict',
  'value',
  'currency',
] as const;
export type AnnotationName = (typeof ANNOTATIONS)[number];

/** In the order of the line. */
export type Annotations = ReadonlyMap<AnnotationName, string>;

export const NO_ANNOTATIONS: Annotations = new Map();

/** Limit of all values of an event together, in UTF-8. */
export const MAX_ANNOTATION_BYTES = 1_024;

export const isAnnotation = (name: string): name is AnnotationName => (ANNOTATIONS as readonly string[]).includes(name);

/** The annotations of a row, as a store gives them: an object of names and values, in the order of the line. */
export const annotationsOfRow = z
  .record(z.string().refine(isAnnotation, 'no annotation has this name'), z.string())
  .transform((row): Annotations => new Map(Object.entries(row) as [AnnotationName, string][]));

/** Collects the annotations of a line. What cannot be kept is counted, and the event stands without it. */
export class AnnotationList {
  readonly kept = new Map<AnnotationName, string>();
  leftOut = 0;
  #bytes = 0;

  /** @param value null: malformed */
  add(name: string, value: string | null): void {
    const text = value?.trim();
    const bytes = text === undefined ? 0 : Buffer.byteLength(text);
    if (
      text === undefined ||
      !isAnnotation(name) ||
      this.kept.has(name) ||
      hasControlCharacter(text) ||
      this.#bytes + bytes > MAX_ANNOTATION_BYTES
    ) {
      this.leftOut++;
      return;
    }
    this.#bytes += bytes;
    this.kept.set(name, text);
  }
}
