import type { Request, RequestHandler } from 'express';
import { readBody } from './body.ts';
import { readParameters, readPath } from './parameters.ts';
import type { Asked, Route } from './route.ts';

/** Reads a request by the schemas of its route, and answers. */
export const answer =
  (route: Route): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const asked: Asked = {
      ...readRequest(route, request),
      caller: response.locals.caller,
      signal: gone.signal,
    };
    const body = await route.handle(asked);
    response.status(route.status);
    if (body === undefined) return void response.end();
    response.type('application/json').send(JSON.stringify(body));
  };

function readRequest(route: Route, request: Request<Record<string, string>>): Pick<Asked, 'path' | 'query' | 'body'> {
  const query = new URL(request.originalUrl, 'http://api').searchParams;
  return {
    path: readPath(route.pathParameters, request.params),
    query: readParameters(route.query, query),
    body: route.body === null ? undefined : readBody(route.body, request),
  };
}
