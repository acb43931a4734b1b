import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Caller } from '../contract/access.ts';
import { Problem } from '../contract/problem.ts';

const WINDOW_MS = 60_000;

/** Limits requests per minute for each token, and for each address without one. */
export const limitRate = (limit: number): RequestHandler =>
  rateLimit({
    windowMs: WINDOW_MS,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'requests',
    keyGenerator: ({ ip = '' }, { locals }) => {
      const caller = locals.caller as Caller | undefined;
      return caller ? `token ${caller.name}` : `address ${ipKeyGenerator(ip)}`;
    },
    handler: (_request, response) => {
      const detail = `at most ${limit} requests a minute are answered; try again in ${response.get('Retry-After')} s`;
      throw new Problem(429, 'too-many-requests', 'Too many requests', detail);
    },
  });
