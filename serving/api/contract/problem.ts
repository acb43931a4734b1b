import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Log } from '../../../infra/log.ts';
import { EngineFailure } from './engine_failure.ts';

/** An error answer in RFC 9457 format. */
export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly members: Record<string, unknown>;

  constructor(
    status: number,
    type: string,
    title: string,
    detail: string,
    members: Record<string, unknown> = {},
    cause?: unknown,
  ) {
    super(detail, { cause });
    this.status = status;
    this.type = `urn:clickledger:problem:${type}`;
    this.title = title;
    this.members = members;
  }
}

/** The client went away, and the work was cancelled for that reason. */
export class ClientGone extends Error {
  constructor() {
    super('the client has gone away');
  }
}

export interface Complaint {
  parameter: string;
  expected: string;
  got?: string;
}

export function badParameters(complaints: Complaint[]): Problem {
  const detail = complaints
    .map(
      ({ parameter, expected, got }) =>
        `${parameter}: expected ${expected}${got === undefined ? '' : `, got "${got}"`}`,
    )
    .join('; ');
  return new Problem(400, 'bad-parameter', 'A parameter is not as expected', detail, { parameters: complaints });
}

/** `known`: what is known without the missing part; must never be taken for the whole answer. */
export const unavailable = (missing: string[], detail: string, known: unknown, cause?: unknown): Problem =>
  new Problem(503, 'engine-unavailable', 'A part of the answer is missing', detail, { missing, known }, cause);

export const notFound: RequestHandler = (request) => {
  throw new Problem(404, 'not-found', 'No such resource', `nothing is found at ${request.path}`);
};

export const methodNotAllowed =
  (allowed: string[]): RequestHandler =>
  (request, response) => {
    response.set('Allow', [...(allowed.includes('GET') ? ['HEAD'] : []), ...allowed].sort().join(', '));
    const detail = `${request.method} is not possible here, only ${allowed.join(', ')}`;
    throw new Problem(405, 'method-not-allowed', 'Method not allowed', detail);
  };

export const problemHandler =
  (log: Log): ErrorRequestHandler =>
  (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = toProblem(error);
    response.locals.settled?.(error instanceof ClientGone ? 'cut short' : problem.status);
    // Nobody waits for an answer any more.
    if (error instanceof ClientGone || response.closed || response.destroyed) return;
    const { requestId: request_id } = response.locals;
    const fields = { err: problem.cause ?? error, url: request.originalUrl, request_id };
    if (problem.status === 503) log.warn(fields, problem.message);
    else if (problem.status >= 500) log.error(fields, problem.message);
    send(response, problem);
  };

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof EngineFailure) return unavailable([error.engine], error.message, null, error.cause);
  if (error instanceof URIError) {
    return new Problem(400, 'bad-path', 'The path is malformed', 'the path holds a percent sign that encodes nothing');
  }
  return new Problem(500, 'internal', 'Internal error', 'the request failed for a reason that was not foreseen');
}

/** The status that an error is answered with. */
export const statusOf = (error: unknown): number => toProblem(error).status;

export const problemJson = (
  { type, title, status, message: detail, members }: Problem,
  requestId: string | undefined,
): string => JSON.stringify({ type, title, status, detail, request_id: requestId, ...members });

function send(response: Response, problem: Problem): void {
  const { status } = problem;
  if (status === 503 || (status === 429 && !response.hasHeader('Retry-After'))) response.set('Retry-After', '5');
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  response
    .set('Cache-Control', 'no-store')
    .status(status)
    .type('application/problem+json')
    .send(problemJson(problem, response.locals.requestId));
}
