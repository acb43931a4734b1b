import type { Rejection } from './rejection.ts';

/** Text made safe for a terminal: control and formatting characters are escaped. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

/** Rejected bytes, safe for a terminal. */
export function textOf({ kept: { bytes, kind } }: Rejection): string {
  if (bytes === null) return '(empty)';
  return kind === 'message' ? `base64 ${bytes.toString('base64')}` : visible(bytes.toString());
}

/** @param width in characters; longer text is truncated, with an ellipsis as its last character */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
