import type { ApiDeps, Route } from './route.ts';
import { adRoutes } from './routes/ads.ts';
import { filterRoutes } from './routes/filters.ts';
import { runRoutes } from './routes/runs.ts';
import { stateRoutes } from './routes/state.ts';

/** Every endpoint but the description of them all. Of two paths that fit a request, the first is taken. */
export const createRoutes = (deps: ApiDeps): Route[] => [
  ...adRoutes(deps),
  ...filterRoutes(deps),
  ...runRoutes(deps),
  ...stateRoutes(deps),
];
