import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { ApiToken } from '../../infra/config.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { Problem } from './problem.ts';

/** Without tokens everybody may ask: the server then listens on loopback only. */
export function requireToken(tokens: ApiToken[]): RequestHandler {
  const known = tokens.map(({ sha256 }) => Buffer.from(sha256));
  return (request, _response, next) => {
    if (known.length === 0) return next();
    const given = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const hash = Buffer.from(sha256Hex(given ?? ''));
    // All of them are compared, so that the time taken says nothing about which one it was.
    const matches = known.filter((sha256) => timingSafeEqual(sha256, hash)).length;
    if (given !== undefined && matches > 0) return next();
    const detail = given === undefined ? 'send the header "Authorization: Bearer <token>"' : 'the token is not known';
    throw new Problem(401, 'unauthorized', 'A token is required', detail);
  };
}
