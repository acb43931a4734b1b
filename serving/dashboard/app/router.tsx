import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AdPage } from '../pages/ad.tsx';
import { DaysPage } from '../pages/days.tsx';
import { FiltersPage } from '../pages/filters.tsx';
import { OverviewPage } from '../pages/overview.tsx';
import { PipelinePage } from '../pages/pipeline.tsx';
import { readView, type View, writeView } from '../rules/view.ts';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: () => <p>There is no such page.</p> });

const page = <P extends string>(path: P, component: () => React.ReactNode) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component,
    validateSearch: (search: Record<string, unknown>): View => readView(search as Record<string, string>),
  });

const routeTree = root.addChildren([
  page('/', OverviewPage),
  page('/ad', AdPage),
  page('/days', DaysPage),
  page('/filters', FiltersPage),
  page('/pipeline', PipelinePage),
]);

export const router = createRouter({
  routeTree,
  // Plain texts: an ad may be called 12 or true.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(writeView(search as View)).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
