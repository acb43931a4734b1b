import express, { type Express, type RequestHandler } from 'express';
import { Histogram, type Registry } from 'prom-client';
import type { ApiToken } from '../../infra/config.ts';
import { answer } from './answer.ts';
import { allow, requireToken } from './auth.ts';
import { jsonBody } from './body.ts';
import { methodNotAllowed, notFound, problemHandler } from './problem.ts';
import type { ApiDeps } from './route.ts';
import { createRoutes } from './routes.ts';

interface AppDeps extends ApiDeps {
  tokens: ApiToken[];
  metrics: Registry;
}

export function createApp({ tokens, metrics, ...deps }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const seconds = new Histogram({
    name: 'clickledger_api_request_seconds',
    help: 'Time to answer a request, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  const timed = (route: string): RequestHandler => {
    return (_request, response, next) => {
      const stop = seconds.startTimer({ route });
      response.once('close', () => stop({ status: response.statusCode }));
      next();
    };
  };

  app.use('/v1', requireToken(tokens));
  const routes = createRoutes(deps);
  for (const path of new Set(routes.map((route) => route.path))) {
    const ofPath = routes.filter((route) => route.path === path);
    const resource = app.route(path.replaceAll(/{(\w+)}/g, ':$1')).all(timed(path));
    for (const route of ofPath) {
      const steps = [allow(route.access), ...(route.body === null ? [] : [jsonBody]), answer(route)];
      resource[route.method](...steps);
    }
    resource.all(methodNotAllowed(ofPath.map(({ method }) => method.toUpperCase())));
  }
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  app.use(notFound);
  app.use(problemHandler(deps.log));
  return app;
}
