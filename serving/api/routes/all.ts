import type { ApiDeps, Route } from '../http/route.ts';
import { adRoutes } from './ads.ts';
import { filterRoutes } from './filters.ts';
import { runRoutes } from './runs.ts';
import { stateRoutes } from './state.ts';

/** Every endpoint but the description of them all. Of two paths that fit a request, the first is taken. */
export const createRoutes = (deps: ApiDeps): Route[] => [
  ...adRoutes(deps),
  ...filterRoutes(deps),
  ...runRoutes(deps),
  ...stateRoutes(deps),
];
