import type { Rejection } from './rejection.ts';

/** What was rejected, safe for a terminal: control and formatting characters are escaped. */
export function textOf({ kept: { bytes, kind } }: Rejection): string {
  if (bytes === null) return '(empty)';
  if (kind === 'message') return `base64 ${bytes.toString('base64')}`;
  return bytes.toString().replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** @param width in characters, of which the last becomes an ellipsis when there are more */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
