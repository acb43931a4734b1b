import type { Request, RequestHandler } from 'express';
import { queryOf, readParameters, readPath } from '../parameters/parameters.ts';
import { readBody } from './body.ts';
import { cacheControl, etagOf, isKnown, receiptOfAnswer } from './cache.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import { withinLimit } from './limit.ts';
import type { Asked, Route } from './route.ts';

/**
 * Parses a request by its route's schemas, and answers with JSON, or with CSV where the route supports and the client
 * prefers it.
 */
export const answer =
  (route: Route, isSecured: boolean): RequestHandler =>
  async (request, response) => {
    let { status } = route;
    const sent = queryOf(request);
    const asked: Omit<Asked, 'signal'> = {
      ...readRequest(route, request, sent),
      caller: response.locals.caller,
      requestId: response.locals.requestId,
      sentRows: response.locals.sentRows,
      idempotencyKey: route.once ? idempotencyKeyOf(request) : null,
      created: () => {
        status = 201;
      },
    };
    const body = await withinLimit(response, (signal) => route.handle({ ...asked, signal }));
    // For the audit log: the client may have gone away meanwhile.
    response.locals.settled?.(status);
    response.status(status);
    const json = JSON.stringify(body);
    const isCsv = route.csv !== null && prefersCsv(request);
    if (route.method === 'get') {
      response.set('Cache-Control', cacheControl(receiptOfAnswer(body), isSecured));
      response.set('ETag', etagOf(body, json, isCsv ? 'csv' : 'json'));
      if (route.csv) response.vary('Accept');
      if (isSecured) response.vary('Authorization');
    } else response.set('Cache-Control', 'no-store');
    if (body === undefined) response.end();
    else if (isKnown(request.get('if-none-match'), response.get('ETag'))) response.status(304).end();
    else if (isCsv) response.type('text/csv; header=present').send(route.csv?.(body));
    else response.type('application/json').send(json);
  };

const prefersCsv = (request: Request): boolean => request.accepts(['application/json', 'text/csv']) === 'text/csv';

function readRequest(
  route: Route,
  request: Request,
  sent: URLSearchParams,
): Pick<Asked, 'path' | 'query' | 'sent' | 'body'> {
  return {
    sent,
    path: readPath(route.pathParameters, request.params),
    query: readParameters(route.query, sent),
    body: route.body === null ? undefined : readBody(route.body, request),
  };
}
