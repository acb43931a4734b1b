import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { Histogram, type Registry } from 'prom-client';
import type { ApiToken } from '../../infra/config.ts';
import { adminOf, requireToken } from './auth.ts';
import { jsonBody } from './body.ts';
import { withinLimit } from './limit.ts';
import { methodNotAllowed, notFound, problemHandler } from './problem.ts';
import { type Action, type ApiDeps, createActions, createRoutes, type Route } from './routes.ts';

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
  const allActions = createActions(deps);
  for (const [path, route] of Object.entries(createRoutes(deps))) {
    const { post, put, delete: remove } = allActions[path] ?? {};
    const resource = app.route(path).all(timed(path)).get(answer(route));
    if (post) resource.post(jsonBody, act(post));
    if (put) resource.put(jsonBody, act(put));
    if (remove) resource.delete(act(remove));
    const others = Object.keys(allActions[path] ?? {}).map((method) => method.toUpperCase());
    resource.all(methodNotAllowed(['GET', ...others]));
  }
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  app.use(notFound);
  app.use(problemHandler(deps.log));
  return app;
}

const answer =
  (route: Route): RequestHandler<Record<string, string>> =>
  async (request: Request<Record<string, string>>, response: Response) => {
    const query = new URL(request.originalUrl, 'http://api').searchParams;
    const body = await withinLimit(response, (signal) => route({ path: request.params, query, signal }));
    response.type('application/json').send(JSON.stringify(body));
  };

const act =
  (action: Action): RequestHandler =>
  async (request, response) => {
    const { status, body } = await action(request, adminOf(response));
    response.status(status);
    if (body === undefined) response.end();
    else response.type('application/json').send(JSON.stringify(body));
  };
