import type { Field } from './field.ts';

const [DOT, DIGIT_0, DIGIT_9, COLON, LOWER_A, LOWER_F] = [46, 48, 57, 58, 97, 102];
const MAX_LENGTH = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'.length;

/**
 * Whether this is an address in the spelling that `canonicalIp` returns. A few rare ones, such as `::1`, are false
 * negatives; there are no false positives.
 */
export const isCanonicalAddress = (bytes: Uint8Array, field: Field): boolean =>
  isIPv4(bytes, field) || isCanonicalIPv6(bytes, field);

/** Four numbers up to 255 without leading zeros. */
function isIPv4(bytes: Uint8Array, { start, end }: Field): boolean {
  let numbers = 0;
  let digits = 0;
  let value = 0;
  for (let at = start; at <= end; at++) {
    const byte = at < end ? (bytes[at] as number) : DOT;
    if (byte === DOT) {
      if (digits === 0 || value > 255) return false;
      numbers++;
      digits = 0;
      value = 0;
      continue;
    }
    const digit = byte - DIGIT_0;
    if (digit < 0 || digit > 9 || digits === 3 || (digits > 0 && value === 0)) return false;
    digits++;
    value = value * 10 + digit;
  }
  return numbers === 4;
}

/** Eight groups, lower case, without leading zeros, the first of the longest runs of zeros as `::` (RFC 5952). */
function isCanonicalIPv6(bytes: Uint8Array, { start, end }: Field): boolean {
  if (end - start > MAX_LENGTH) return false;
  let groups = 0;
  /** Lengths of runs of zero groups: the current one, the longest since `::`, and the longest before it. */
  let zeros = 0;
  let longest = 0;
  let longestBefore = 0;
  /** Number of groups before `::`; -1: no `::` yet. */
  let gapAt = -1;
  let at = start;
  if (bytes[at] === COLON && end - at > 2) {
    if (bytes[at + 1] !== COLON) return false;
    gapAt = 0;
    at += 2;
  }
  while (at < end) {
    const first = at;
    while (at < end && isHexDigit(bytes[at] as number)) at++;
    const length = at - first;
    const hasLeadingZero = bytes[first] === DIGIT_0;
    if (length === 0 || length > 4 || (hasLeadingZero && length > 1)) return false;
    // The zero group would be part of the run that `::` abbreviates.
    if (hasLeadingZero && gapAt === groups) return false;
    groups++;
    zeros = hasLeadingZero ? zeros + 1 : 0;
    if (zeros > longest) longest = zeros;
    if (at === end) break;
    if (bytes[at++] !== COLON || at === end) return false;
    if (bytes[at] === COLON) {
      if (gapAt >= 0 || zeros > 0) return false;
      gapAt = groups;
      longestBefore = longest;
      longest = 0;
      at++;
    }
  }
  if (gapAt < 0) return groups === 8 && longest < 2;
  const gap = 8 - groups;
  // With this many leading zeros the canonical spelling may end in a dotted IPv4 address.
  if (gapAt === 0 && gap >= 5) return false;
  return gap >= 2 && longestBefore < gap && longest <= gap;
}

const isHexDigit = (byte: number): boolean =>
  (byte >= DIGIT_0 && byte <= DIGIT_9) || (byte >= LOWER_A && byte <= LOWER_F);
