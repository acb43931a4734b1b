import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage, maxHeaderSize, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { Problem, problemJson } from '../contract/problem.ts';

interface Limits {
  /** Until the end of the headers. */
  headersMs: number;
  /** Until the end of the body. */
  requestMs: number;
}

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000 };

/**
 * A server whose requests and responses are created with Express's prototypes. Express replaces the prototype of each
 * one, and V8 (in Node 20) then gives each its own hidden class: inline caches never apply, and the objects survive
 * young-generation collections. Those took 5 ms; with the prototype already set, they take 0.5 ms.
 *
 * What Node or Express refuses before a route is reached is answered as a problem too.
 */
export function serverOf(app: Express, limits: Limits = LIMITS): Server {
  class ApiRequest extends IncomingMessage {}
  class ApiResponse extends ServerResponse {}
  app.request = Object.setPrototypeOf(ApiRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(ApiResponse.prototype, app.response);
  const options = {
    IncomingMessage: ApiRequest,
    ServerResponse: ApiResponse,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    // By default Node looks every 30 s, and a limit of 10 s would be one of up to 40.
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs / 10),
  };
  /** The latest response on each connection: one that has begun must not be followed by the text of another. */
  const responses = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(options, (request, response) => {
    responses.set(request.socket, response);
    // Express does not try any handler for a target that it cannot parse, not even that for errors.
    app(request as never, response as never, () => {
      if (response.headersSent) request.socket.destroy();
      else request.socket.end(asText(badTarget()));
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const latest = responses.get(socket);
    const isBetweenAnswers = latest === undefined || latest.writableFinished || !latest.headersSent;
    if (socket.writable && isBetweenAnswers) socket.end(asText(problemOf(error.code, limits)), () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

const badTarget = (): Problem =>
  new Problem(400, 'bad-request', 'The request cannot be read', 'its target is neither a path nor a whole URL');

function problemOf(code: string | undefined, { headersMs, requestMs }: Limits): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const [headersS, requestS] = [headersMs / 1_000, requestMs / 1_000];
    const detail = `headers must be sent within ${headersS} s, and the whole request within ${requestS} s: send fewer rows at a time, or compressed`;
    return new Problem(408, 'request-timeout', 'The request was not sent in time', detail);
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = `request line and headers may have ${maxHeaderSize} bytes together: ask for fewer values at a time`;
    return new Problem(431, 'headers-too-large', 'The request line or the headers are too long', detail);
  }
  const detail = `it is not HTTP/1.1 as RFC 9112 has it${code === undefined ? '' : ` (${code})`}`;
  return new Problem(400, 'bad-request', 'The request cannot be read', detail);
}

/** A whole answer, for a connection that has no response to answer with. */
function asText(problem: Problem): string {
  const requestId = randomUUID();
  const body = problemJson(problem, requestId);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
