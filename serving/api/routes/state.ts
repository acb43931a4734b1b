import { checkReady, readApiStatus, readFreshness } from '../admin/status.ts';
import { health, statusAnswer } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { runKinds } from '../parameters/event_parameter.ts';

export const stateRoutes = (deps: ApiDeps): Route[] => [
  route({
    method: 'get',
    path: '/v1/status',
    access: 'advertiser',
    id: 'status',
    summary: 'How fresh the counts are',
    answer: statusAnswer,
    handle: async ({ caller, signal }) => {
      const { stores, readLags, latenessMs } = deps;
      const clock = { nowMs: deps.now(), latenessMs };
      const reading =
        caller.role === 'advertiser' ? readFreshness(stores, clock) : readApiStatus(stores, readLags, clock, signal);
      return { ...(await reading), event_kinds: runKinds(deps).map(({ event }) => event) };
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
      await checkReady(deps.stores, deps.readLags, signal);
      return { status: 'ready' };
    },
  }),
];
