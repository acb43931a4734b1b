import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/** A longer or stranger one would be another text in logs than the one that was sent. */
const VALID = /^[\w.:-]{1,100}$/;

/**
 * Stores the id of a request as `locals.requestId` and answers with it: the one that was sent, or a new one. It is in every
 * log line about the request, in problems and in the audit log.
 */
export const identifyRequest: RequestHandler = (request, response, next) => {
  const sent = request.get('x-request-id');
  const requestId = sent !== undefined && VALID.test(sent) ? sent : randomUUID();
  response.locals.requestId = requestId;
  response.set('X-Request-Id', requestId);
  next();
};
