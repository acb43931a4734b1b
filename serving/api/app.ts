import compression from 'compression';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { Histogram, type Registry } from 'prom-client';
import type { ApiToken } from '../../infra/config.ts';
import { methodNotAllowed, notFound, problemHandler } from './contract/problem.ts';
import { answer } from './http/answer.ts';
import { createAudit } from './http/audit.ts';
import { allow, identify, requireToken } from './http/auth.ts';
import { jsonBody, rowsBody } from './http/body.ts';
import { dashboard } from './http/dashboard.ts';
import { docs } from './http/docs.ts';
import { onlyOwnHosts, refuseCrossSite } from './http/hosts.ts';
import { openApi } from './http/openapi.ts';
import { limitRate } from './http/rate.ts';
import { identifyRequest } from './http/request_id.ts';
import type { ApiDeps, Route } from './http/route.ts';
import { createRoutes } from './routes/all.ts';

const METRICS = '/metrics';

interface AppDeps extends ApiDeps {
  /** Those in force at the time; whether there are any does not change. */
  tokens: () => readonly ApiToken[];
  /** Host names it is served under; null: any. */
  allowedHosts: ReadonlySet<string> | null;
  /** Proxies whose word for the caller's address is taken, or how many there are; null: none. */
  trustProxy: number | string[] | null;
  /** Requests per minute for each token. */
  rateLimit: number;
  /** The folder of the files that record calls for admins. */
  auditFolder: string;
  /** Folder of the dashboard's build; null: it has not been built. */
  dashboardFolder: string | null;
  metrics: Registry;
}

export function createApp({
  tokens,
  allowedHosts,
  trustProxy,
  rateLimit,
  auditFolder,
  dashboardFolder,
  metrics,
  ...deps
}: AppDeps): Express {
  const isSecured = tokens().length > 0;
  const known = [identify(tokens), ...(isSecured ? [limitRate(rateLimit)] : []), requireToken];
  /** By themselves, so that failed logins from an address do not make it look as if the API were away. */
  const probes = isSecured ? [limitRate(rateLimit)] : [];
  const audit = createAudit({ folder: auditFolder, log: deps.log, now: deps.now });
  const stepsOf = (route: Route): RequestHandler[] => [
    ...(route.access === 'anyone' ? probes : [allow(route.access)]),
    ...(route.access === 'admin' ? [audit.begun] : []),
    ...(route.body === null ? [] : [jsonBody]),
    ...(route.rows === null ? [] : [rowsBody]),
    answer(route, isSecured),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', trustProxy ?? false);
  app.use(identifyRequest);
  // TLS, if any, is terminated by a proxy in front of this server.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }), compression());
  app.use(onlyOwnHosts({ allowedHosts, isSecured }));
  app.use('/v1', refuseCrossSite, known);
  const timed = timer(metrics);
  const routes = createRoutes(deps);
  for (const path of new Set(routes.map((route) => route.path))) {
    const ofPath = routes.filter((route) => route.path === path);
    const template = path.replaceAll(/{(\w+)}/g, ':$1');
    const resource = app.route(template).all(timed(template));
    for (const route of ofPath) resource[route.method](...stepsOf(route));
    resource.all(methodNotAllowed(ofPath.map(({ method }) => method.toUpperCase())));
  }
  app.use(docs(openApi(routes, isSecured)));
  app.use(dashboard(dashboardFolder));
  app.get(METRICS, refuseCrossSite, known, allow('admin'), async (_request: Request, response: Response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  app.use(notFound);
  app.use(audit.refused(adminCalls(routes)));
  app.use(problemHandler(deps.log));
  return app;
}

/** Which requests only admins may make; the same as Express takes for a route. */
function adminCalls(routes: Route[]): (request: Request) => boolean {
  const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/{\w+}/g, '[^/]+')}/?$`, 'i');
  const calls = [{ method: 'get', path: METRICS }, ...routes.filter(({ access }) => access === 'admin')].map(
    ({ method, path }) => ({ method: method.toUpperCase(), pattern: patternOf(path) }),
  );
  return ({ method, path }) => {
    const asked = method === 'HEAD' ? 'GET' : method;
    return calls.some((call) => call.method === asked && call.pattern.test(path));
  };
}

function timer(metrics: Registry): (route: string) => RequestHandler {
  const seconds = new Histogram({
    name: 'clickledger_api_request_seconds',
    help: 'Time to answer a request, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  return (route) => (_request, response, next) => {
    const stop = seconds.startTimer({ route });
    response.once('close', () => stop({ status: response.statusCode }));
    next();
  };
}
