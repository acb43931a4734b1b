import type { Click } from '../../domain/click/click.ts';
import { sampleRandom } from './sample.ts';

/**
 * Two clicks that differ and have one XXH64, under every seed. A click's hash is of its identity bytes (see
 * domain/click/wire.ts). What is left of them behind the last whole 32 bytes is taken in words of eight:
 *
 *   h = rotl(h ^ k(word), 27) * P1 + P4        with k(word) = rotl(word * P2, 31) * P1, which can be inverted
 *
 * Two first words whose k differ in bit 36 alone leave h different in bit 63 alone: the rotation moves the one bit
 * there, and neither the product with an odd number nor the sum lets it spread. Two second words whose k differ in bit
 * 63 alone make h equal again. The seed is in h only, so it makes no difference.
 */
export function collidingClicks(click: Click): [Click, Click] {
  const before = 11 + Buffer.byteLength(click.event_id) + Buffer.byteLength(click.ad_id);
  if (click.ip.length + click.country.length > 13) throw new Error('the user must lie in the last 31 bytes');
  const event_id = click.event_id + 'x'.repeat((32 - (before % 32)) % 32);
  const [first, second] = [wordsThatDiffer(1n << 36n), wordsThatDiffer(1n << 63n)];
  return [
    { ...click, event_id, user_id: first[0] + second[0] },
    { ...click, event_id, user_id: first[1] + second[1] },
  ];
}

const MASK = (1n << 64n) - 1n;
const [P1, P2] = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn];

/** The inverse of an odd number modulo 2^64; each step doubles the bits that are right. */
function inverse(odd: bigint): bigint {
  let x = odd;
  for (let i = 0; i < 6; i++) x = (x * (2n - odd * x)) & MASK;
  return x & MASK;
}
const [P1_INVERSE, P2_INVERSE] = [inverse(P1), inverse(P2)];

const rotate = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & MASK;
const k = (word: bigint): bigint => (rotate((word * P2) & MASK, 31n) * P1) & MASK;
const wordOf = (k: bigint): bigint => (rotate((k * P1_INVERSE) & MASK, 33n) * P2_INVERSE) & MASK;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Two words of eight printable bytes in UTF-8 whose k differ in these bits: one of some thousand has such another. */
function wordsThatDiffer(bits: bigint): [string, string] {
  const next = sampleRandom(8);
  for (;;) {
    const word = Array.from({ length: 7 }, () => (next() < 0.25 ? letter(next) : sign(next))).join('');
    const bytes = Buffer.from(word);
    if (bytes.length !== 8) continue;
    bytes.writeBigUInt64LE(wordOf(k(bytes.readBigUInt64LE()) ^ bits));
    const other = textOf(bytes);
    if (other !== null && isPrintable(word) && isPrintable(other)) return [word, other];
  }
}

const isPrintable = (text: string): boolean => /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(text) && !text.includes(',');

/** A letter of two bytes. */
const letter = (next: () => number): string => String.fromCharCode(0xc0 + Math.floor(next() * 0x740));
const sign = (next: () => number): string => String.fromCharCode(0x21 + Math.floor(next() * 0x5e));

function textOf(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
