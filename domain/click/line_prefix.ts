import type { EventKind } from '../event_kinds.ts';

/** What text lines of each kind begin with. */
export const PREFIXES: Record<EventKind, Uint8Array> = {
  click: Buffer.from('[AdClickEvent]'),
  impression: Buffer.from('[AdImpressionEvent]'),
  conversion: Buffer.from('[AdConversionEvent]'),
};
const { click: CLICK, impression: IMPRESSION, conversion: CONVERSION } = PREFIXES;

/** Where the letter is that tells them apart. */
const AT = 4;
const [LOWER_M, LOWER_O] = [109, 111];

export const isClickLine = (bytes: Uint8Array, start: number): boolean => beginsWith(bytes, start, CLICK);

/** The kind that the text line at `start` says it is of, whatever follows; null if it is none of these, or a click. */
export function otherKindOfLine(bytes: Uint8Array, start: number): EventKind | null {
  const letter = bytes[start + AT];
  if (letter === LOWER_M) return beginsWith(bytes, start, IMPRESSION) ? 'impression' : null;
  if (letter === LOWER_O) return beginsWith(bytes, start, CONVERSION) ? 'conversion' : null;
  return null;
}

function beginsWith(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
  return true;
}
