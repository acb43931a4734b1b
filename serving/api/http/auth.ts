import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { iso } from '../../../domain/time.ts';
import type { ApiToken } from '../../../infra/config.ts';
import { sha256Hex } from '../../../infra/hash.ts';
import type { Access, Caller } from '../contract/access.ts';
import { Problem } from '../contract/problem.ts';
import { queryOf } from '../parameters/parameters.ts';
import { memoizeByObject } from '../stores/cached_read.ts';

/** Without tokens everybody may do everything: the server then listens on loopback only. */
const LOOPBACK: Caller = { name: 'api', role: 'admin' };

const NOT_FOR_THIS = 'Not for this token';

/** Tokens change seldom, and are compared with each request. */
const hashedOf = memoizeByObject((tokens: readonly ApiToken[]) =>
  tokens.map((token) => ({ token, hash: Buffer.from(token.sha256) })),
);

/**
 * Stores the caller as `locals.caller`; undefined: unknown, or its token has expired, and is then `locals.expired`. Expiry goes
 * by the clock of this host: who may ask must not depend on Kafka.
 */
export function identify(tokens: () => readonly ApiToken[], nowMs = Date.now): RequestHandler {
  return (request, response, next) => {
    const known = tokens();
    if (known.length === 0) {
      response.locals.caller = LOOPBACK;
      return next();
    }
    const given = tokenOf(request);
    const hash = Buffer.from(sha256Hex(given ?? ''));
    // All tokens are compared, so that the time taken does not reveal which one matched.
    const [found] = hashedOf(known).filter((one) => timingSafeEqual(one.hash, hash));
    const match = found?.token;
    if (given === undefined || match === undefined) return next();
    const { expiresMs = Number.POSITIVE_INFINITY } = match;
    if (nowMs() < expiresMs) response.locals.caller = match;
    else response.locals.expired = match;
    next();
  };
}

const tokenOf = (request: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];

/** Refuses unknown callers. */
export const requireToken: RequestHandler = (request, response, next) => {
  if (response.locals.caller !== undefined) return next();
  throw new Problem(401, 'unauthorized', 'A token is required', whyUnknown(request, response.locals.expired));
};

function whyUnknown(request: Request, expired: ApiToken | undefined): string {
  if (expired)
    return `the token of ${expired.name} has expired, at ${iso(expired.expiresMs as number)}: ask for a new one`;
  return tokenOf(request) === undefined ? 'send the header "Authorization: Bearer <token>"' : 'the token is not known';
}

/** Refuses a known caller without access to a route. */
export const allow =
  (access: Access): RequestHandler =>
  (request, { locals }, next) => {
    const caller: Caller = locals.caller;
    if (access === 'admin' && caller.role !== 'admin') {
      throw forbidden('An admin token is required', `the token of ${caller.name} may only read`);
    }
    if (caller.role === 'advertiser') {
      checkAdvertiser(caller, access, request.params.ad_id, queryOf(request).getAll('filter'));
    }
    next();
  };

function checkAdvertiser({ name, adPrefixes = [] }: Caller, access: Access, adId: unknown, filters: string[]): void {
  if (access !== 'advertiser') throw forbidden(NOT_FOR_THIS, `the token of ${name} is for counts of its ads only`);
  if (typeof adId === 'string') checkAds({ name, adPrefixes }, [adId]);
  // Registered filters belong to others; the same clicks can be selected by country, ip and user_id.
  if (filters.some((id) => id !== '0')) throw forbidden(NOT_FOR_THIS, 'registered filters are not for advertisers');
}

/** Refuses an advertiser who names an ad that is not its own. */
export function checkAds({ name, adPrefixes }: Pick<Caller, 'name' | 'adPrefixes'>, ads: readonly string[]): void {
  if (adPrefixes === undefined || ads.every((ad) => adPrefixes.some((prefix) => ad.startsWith(prefix)))) return;
  throw forbidden(NOT_FOR_THIS, `the token of ${name} is for ads that begin with ${adPrefixes.join(' or ')}`);
}

const forbidden = (title: string, detail: string): Problem => new Problem(403, 'forbidden', title, detail);
