import { createReadyCheck, readApiStatus, readFreshness } from '../admin/status.ts';
import { health, statusAnswer } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { runKinds } from '../parameters/event_parameter.ts';

export function stateRoutes(deps: ApiDeps): Route[] {
  const checkReady = createReadyCheck(deps.stores, deps.readLags);
  return [
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
      handle: async () => {
        await checkReady();
        return { status: 'ready' };
      },
    }),
  ];
}
