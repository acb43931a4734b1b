import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { sha256Hex } from '../../../infra/hash.ts';
import { badParameters, ClientGone, type Complaint, Problem } from '../contract/problem.ts';
import type { SentRows } from '../parameters/ad_name_rows.ts';

const LIMIT = '16kb';
const ROWS_LIMIT = '64mb';

/**
 * Only bodies declared as JSON are read: a page of another site, open in a browser on this machine, can make the
 * browser send other types without a preflight.
 */
export const jsonBody: RequestHandler = (request, response, next) => {
  if (!request.is('application/json')) {
    throw new Problem(415, 'not-json', 'JSON is required', 'send the header "Content-Type: application/json"');
  }
  express.json({ limit: LIMIT })(request, response, (error?: unknown) => next(error && unreadable(error)));
};

/**
 * Reads a body of many rows into `locals.sentRows`. The audit log gets its size and hash instead of all of it. Neither
 * type can be sent by a page of another site without a preflight.
 */
export const rowsBody: RequestHandler = (request, response, next) => {
  const type = request.is(['application/json', 'text/csv']);
  if (!type) {
    const detail = 'send the header "Content-Type: application/json" or "Content-Type: text/csv"';
    throw new Problem(415, 'not-rows', 'JSON or CSV is required', detail);
  }
  express.raw({ type: () => true, limit: ROWS_LIMIT })(request, response, (error?: unknown) => {
    if (error) return next(unreadable(error));
    const bytes: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    request.body = { type, bytes: bytes.length, sha256: sha256Hex(bytes) };
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      response.locals.sentRows = { isCsv: type === 'text/csv', text } satisfies SentRows;
    } catch (cause) {
      return next(new Problem(400, 'bad-body', 'The body cannot be read', 'it is not UTF-8', {}, cause));
    }
    next();
  });
};

function unreadable(error: unknown): Problem | ClientGone {
  const { status = 400, message, type } = error as { status?: number; message: string; type?: string };
  if (type === 'request.aborted') return new ClientGone();
  return new Problem(status, 'bad-body', 'The body cannot be read', message, {}, error);
}

/** Throws a Problem that names every member that is unknown, missing or malformed. */
export function readBody<S extends z.ZodObject>(schema: S, request: Request): z.output<S> {
  const result = schema.strict().safeParse(request.body);
  if (result.success) return result.data as z.output<S>;
  throw badParameters(result.error.issues.flatMap(complaintsOf));
}

function complaintsOf(issue: z.core.$ZodIssue): Complaint[] {
  const member = (path: PropertyKey[]): string => path.map(String).join('.') || 'body';
  if (issue.code !== 'unrecognized_keys') return [{ parameter: member(issue.path), expected: issue.message }];
  return issue.keys.map((key) => ({ parameter: member([...issue.path, key]), expected: 'no such member' }));
}
