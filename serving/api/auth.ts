import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { ApiToken } from '../../infra/config.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { Problem } from './problem.ts';
import type { Access } from './route.ts';

/** Who asks. */
export type Caller = Pick<ApiToken, 'name' | 'role'>;

/** Without tokens everybody may do everything: the server then listens on loopback only. */
const LOOPBACK: Caller = { name: 'api', role: 'admin' };

export function requireToken(tokens: ApiToken[]): RequestHandler {
  const known = tokens.map((token) => ({ token, hash: Buffer.from(token.sha256) }));
  return (request, response, next) => {
    if (known.length === 0) {
      response.locals.caller = LOOPBACK;
      return next();
    }
    const given = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const hash = Buffer.from(sha256Hex(given ?? ''));
    // All of them are compared, so that the time taken says nothing about which one it was.
    const [match] = known.filter((one) => timingSafeEqual(one.hash, hash));
    if (given !== undefined && match) {
      response.locals.caller = match.token;
      return next();
    }
    const detail = given === undefined ? 'send the header "Authorization: Bearer <token>"' : 'the token is not known';
    throw new Problem(401, 'unauthorized', 'A token is required', detail);
  };
}

/** Refuses callers that a route is not for. */
export const allow =
  (access: Access): RequestHandler =>
  (_request, { locals }, next) => {
    const caller = locals.caller as Caller | undefined;
    if (access !== 'admin' || caller?.role === 'admin') return next();
    throw new Problem(403, 'forbidden', 'An admin token is required', `the token of ${caller?.name} may only read`);
  };
