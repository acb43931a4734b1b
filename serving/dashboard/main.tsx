import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './api/client.ts';
import { statusQuestion } from './api/questions.ts';
import { router } from './app/router.tsx';
import { askForToken } from './state/token_wanted.ts';
import './style.css';

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof ProblemError && error.problem.status === 401) askForToken(error.problem.detail ?? '');
    },
  }),
  defaultOptions: {
    queries: {
      // Refusals stay refusals; an engine that is away is asked again by the interval of its question.
      retry: (failures, error) => failures < 2 && !(error instanceof ProblemError && error.problem.status >= 400),
      refetchOnWindowFocus: true,
      gcTime: 60_000,
    },
  },
});

// Nothing can be asked before it is known up to when minutes are closed: it is on its way while the page is made.
void queries.prefetchQuery(statusQuestion());
// Charts are a chunk of their own, which this page needs as soon as there are numbers.
if (location.pathname === '/ad') void import('./parts/draw.ts');

const element = document.getElementById('page');
if (element === null) throw new Error('index.html has no element "page"');
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <I18nProvider locale="en-GB">
        <RouterProvider router={router} />
      </I18nProvider>
    </QueryClientProvider>
  </StrictMode>,
);
