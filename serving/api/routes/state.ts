import { checkReady, readApiStatus, readFreshness } from '../admin/status.ts';
import { health, statusAnswer } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';

export const stateRoutes = ({ stores, readLags, now, latenessMs }: ApiDeps): Route[] => [
  route({
    method: 'get',
    path: '/v1/status',
    access: 'advertiser',
    id: 'status',
    summary: 'How fresh the counts are',
    answer: statusAnswer,
    handle: ({ caller, signal }) => {
      const clock = { nowMs: now(), latenessMs };
      return caller.role === 'advertiser'
        ? readFreshness(stores, clock)
        : readApiStatus(stores, readLags, clock, signal);
    },
  }),
  route({
    method: 'get',
    path: '/healthz',
    access: 'anyone',
    id: 'health',
    summary: 'Whether the process answers',
    answer: health,
    handle: async () => ({ status: 'ok' }),
  }),
  route({
    method: 'get',
    path: '/readyz',
    access: 'anyone',
    id: 'ready',
    summary: 'Whether it can answer questions',
    answer: health,
    handle: async ({ signal }) => {
      await checkReady(stores, readLags, signal);
      return { status: 'ready' };
    },
  }),
];
