import type { ApiDeps, Route } from '../http/route.ts';
import { adNameRoutes } from './ad_names.ts';
import { adRoutes } from './ads.ts';
import { clickRoutes } from './clicks.ts';
import { filterRoutes } from './filters.ts';
import { rejectedRoutes } from './rejected.ts';
import { runRoutes } from './runs.ts';
import { stateRoutes } from './state.ts';

/** All endpoints except the description itself. If two paths match a request, the first wins. */
export const createRoutes = (deps: ApiDeps): Route[] => [
  ...adRoutes(deps),
  ...adNameRoutes(deps),
  ...clickRoutes(deps),
  ...filterRoutes(deps),
  ...runRoutes(deps),
  ...rejectedRoutes(deps),
  ...stateRoutes(deps),
];
