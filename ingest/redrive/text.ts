import type { Rejection } from './rejection.ts';

/** Rejected bytes made safe for a terminal: control and formatting characters are escaped. */
export function textOf({ kept: { bytes, kind } }: Rejection): string {
  if (bytes === null) return '(empty)';
  if (kind === 'message') return `base64 ${bytes.toString('base64')}`;
  return bytes.toString().replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** @param width in characters; longer text is truncated, with an ellipsis as its last character */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
