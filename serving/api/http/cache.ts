import { hash } from 'node:crypto';
import type { Receipt } from '../../../domain/receipt.ts';

/** New clicks should be visible within seconds. */
const PROVISIONAL_S = 2;

/** The receipt of an answer, if it has one. */
export const receiptOfAnswer = (body: unknown): Receipt | null =>
  typeof body === 'object' && body !== null && 'receipt' in body ? (body.receipt as Receipt) : null;

/**
 * How an answer may be kept. Counts of runs change only when another run is published or one is rolled back, but then at
 * once: a bill may be made of them. So a cache must ask each time whether its answer is still that of the ledger.
 * @param isPrivate whether the answer depends on the token
 */
export function cacheControl(receipt: Receipt | null, isPrivate: boolean): string {
  if (receipt === null) return 'no-cache';
  const isProvisional = receipt.status === 'provisional' || receipt.status === 'not_run';
  return `${isPrivate ? 'private' : 'public'}, ${isProvisional ? `max-age=${PROVISIONAL_S}` : 'no-cache'}`;
}

/**
 * Weak: equal tags mean equal answers. Counts of runs are the same answer whatever the watermark and whichever store
 * they came from; for provisional counts these are part of the answer.
 * @param json the answer as JSON
 */
export function etagOf(body: unknown, json: string, type: 'json' | 'csv'): string {
  return `W/"${hash('sha256', type + essenceOf(body, json), 'base64url').slice(0, 22)}"`;
}

function essenceOf(body: unknown, json: string): string {
  const receipt = receiptOfAnswer(body);
  if (receipt === null || receipt.status === 'provisional') return json;
  const { watermark, boundary, sources, ...settled } = receipt;
  return JSON.stringify({ ...(body as object), receipt: settled });
}

/**
 * Whether If-None-Match contains the tag. Express ignores it if the request also says `no-cache`, which is meant for
 * caches and which browsers' fetch sends.
 */
export const isKnown = (ifNoneMatch: string | undefined, etag: string | undefined): boolean =>
  ifNoneMatch !== undefined &&
  etag !== undefined &&
  ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || withoutWeakness(tag) === withoutWeakness(etag));

const withoutWeakness = (tag: string): string => tag.trim().replace(/^W\//, '');
