import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { hostName, originName } from '../../../infra/hosts.ts';
import { Problem } from '../contract/problem.ts';

interface Rules {
  /**
   * Host names this API is served under; null: any, because callers need a token, which a foreign page does not have.
   */
  allowedHosts: ReadonlySet<string> | null;
  isSecured: boolean;
}

/** Load balancers and health checks use any address, and learn only that the server runs. */
const PROBES = new Set(['/healthz', '/readyz']);
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];
const REMEDY = 'if people reach the API under this name, put it into API_ALLOWED_HOSTS';

/**
 * Refuses requests that a page of another site makes a browser send: under a host name that its owner has pointed at
 * this machine (DNS rebinding), or with that page's Origin. Without tokens also requests forwarded by a proxy:
 * everybody who can reach the proxy would be an admin.
 */
export const onlyOwnHosts =
  (rules: Rules): RequestHandler =>
  (request, _response, next) => {
    const refusal = PROBES.has(request.path) ? null : refusalOf(request.headers, rules);
    if (refusal) throw refusal;
    next();
  };

function refusalOf(headers: IncomingHttpHeaders, { allowedHosts, isSecured }: Rules): Problem | null {
  const host = hostName(headers.host);
  if (allowedHosts && (host === null || !allowedHosts.has(host))) {
    const title = 'Not served under this host name';
    return new Problem(421, 'foreign-host', title, `the request is for the host "${headers.host ?? ''}"; ${REMEDY}`);
  }
  const { origin } = headers;
  if (origin !== undefined) {
    const name = originName(origin);
    const isOwn = name !== null && (allowedHosts ? allowedHosts.has(name) : name === host);
    if (!isOwn) {
      const detail = `the request comes from a page of "${origin}"; ${REMEDY}`;
      return new Problem(403, 'foreign-origin', 'Pages of other sites are not answered', detail);
    }
  }
  const forwarded = isSecured ? undefined : FORWARDED.find((name) => headers[name] !== undefined);
  if (forwarded === undefined) return null;
  const detail = `the request was passed on by a proxy (header "${forwarded}"), and without tokens everybody behind it would be an admin: set API_TOKENS`;
  return new Problem(403, 'forwarded', 'Forwarded requests need tokens', detail);
}

/** A link from another site may lead to the pages here, but not to the data. */
export const refuseCrossSite: RequestHandler = (request, _response, next) => {
  if (request.get('sec-fetch-site') !== 'cross-site') return next();
  const detail = 'the request was made by a page of another site (header "Sec-Fetch-Site: cross-site")';
  throw new Problem(403, 'cross-site', 'Pages of other sites are not answered', detail);
};
