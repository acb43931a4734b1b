import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { ApiToken } from '../../../infra/config.ts';
import { sha256Hex } from '../../../infra/hash.ts';
import type { Access, Caller } from '../contract/access.ts';
import { Problem } from '../contract/problem.ts';
import { queryOf } from '../parameters/parameters.ts';

/** Without tokens everybody may do everything: the server then listens on loopback only. */
const LOOPBACK: Caller = { name: 'api', role: 'admin' };

const NOT_FOR_THIS = 'Not for this token';

/** Stores the caller as `locals.caller`; undefined: unknown. */
export function identify(tokens: ApiToken[]): RequestHandler {
  const known = tokens.map((token) => ({ token, hash: Buffer.from(token.sha256) }));
  return (request, response, next) => {
    if (known.length === 0) {
      response.locals.caller = LOOPBACK;
      return next();
    }
    const given = tokenOf(request);
    const hash = Buffer.from(sha256Hex(given ?? ''));
    // All tokens are compared, so that the time taken does not reveal which one matched.
    const [match] = known.filter((one) => timingSafeEqual(one.hash, hash));
    if (given !== undefined && match) response.locals.caller = match.token;
    next();
  };
}

const tokenOf = (request: Request): string | undefined =>
  /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];

/** Refuses unknown callers. */
export const requireToken: RequestHandler = (request, response, next) => {
  if (response.locals.caller !== undefined) return next();
  const detail =
    tokenOf(request) === undefined ? 'send the header "Authorization: Bearer <token>"' : 'the token is not known';
  throw new Problem(401, 'unauthorized', 'A token is required', detail);
};

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
