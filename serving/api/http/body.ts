import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { badParameters, type Complaint, Problem } from '../contract/problem.ts';

const LIMIT = '16kb';

/**
 * Only bodies declared as JSON are read: a page of another site, open in a browser on this machine, can make the
 * browser send other types without a preflight.
 */
export const jsonBody: RequestHandler = (request, response, next) => {
  if (!request.is('application/json')) {
    throw new Problem(415, 'not-json', 'JSON is required', 'send the header "Content-Type: application/json"');
  }
  express.json({ limit: LIMIT })(request, response, (error?: unknown) => {
    if (error === undefined) return next();
    const { status = 400, message } = error as { status?: number; message: string };
    next(new Problem(status, 'bad-body', 'The body cannot be read', message, {}, error));
  });
};

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
