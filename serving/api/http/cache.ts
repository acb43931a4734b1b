import { createHash } from 'node:crypto';
import type { Receipt } from '../../../domain/receipt.ts';

const HOUR_S = 3_600;
/** A click is to be seen within seconds. */
const PROVISIONAL_S = 2;

/** The receipt of an answer that has one. */
export const receiptOfAnswer = (body: unknown): Receipt | null =>
  typeof body === 'object' && body !== null && 'receipt' in body ? (body.receipt as Receipt) : null;

/**
 * What runs have counted changes by a rebuild only. The rest of the API tells the state of things, which nobody may
 * keep.
 * @param isPrivate whether what a caller sees depends on the token
 */
export function cacheControl(receipt: Receipt | null, isPrivate: boolean, isByRegisteredFilter: boolean): string {
  if (receipt === null) return 'no-cache';
  // A registered filter may be another one in the next minute.
  const isSettled = receipt.status !== 'provisional' && !isByRegisteredFilter;
  return `${isPrivate ? 'private' : 'public'}, max-age=${isSettled ? HOUR_S : PROVISIONAL_S}`;
}

/**
 * Weak: equal tags mean equal answers to the question. What runs have counted is the same answer however far the
 * watermark has come since, and from whichever store it came; of what is provisional, that is part of the answer.
 */
export function etagOf(body: unknown, type: string): string {
  const receipt = receiptOfAnswer(body);
  const { watermark, boundary, sources, ...settled } = receipt ?? ({} as Receipt);
  const essence =
    receipt === null || receipt.status === 'provisional' ? body : { ...(body as object), receipt: settled };
  const hash = createHash('sha256').update(type).update(JSON.stringify(essence)).digest('base64url');
  return `W/"${hash.slice(0, 22)}"`;
}

/**
 * Whether If-None-Match names the tag. Express has it only where a request does not say `no-cache` besides, which is
 * meant for caches and which browsers' fetch does.
 */
export const isKnown = (ifNoneMatch: string | undefined, etag: string | undefined): boolean =>
  ifNoneMatch !== undefined &&
  etag !== undefined &&
  ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || withoutWeakness(tag) === withoutWeakness(etag));

const withoutWeakness = (tag: string): string => tag.trim().replace(/^W\//, '');
