import { dayOf } from '../../../domain/time.ts';
import { recordRequest, redriveBody } from '../admin/run_requests.ts';
import { rejectedAnswer, runRequest } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { rejectedParameters } from '../parameters/rejected_parameters.ts';
import { engineCall } from '../stores/engines.ts';

/** What was no event: whole lines, with users and addresses in them. */
export const rejectedRoutes = (deps: ApiDeps): Route[] => [
  route({
    method: 'get',
    path: '/v1/rejected',
    access: 'admin',
    id: 'rejected',
    summary: 'What was rejected, counted by reason, and the latest of it',
    query: rejectedParameters,
    answer: rejectedAnswer,
    handle: async ({ query, caller, signal }) =>
      deps.turns.slow.take(caller.name, signal, () => engineCall('kafka', deps.rejectedLines.list(query))),
  }),
  route({
    method: 'post',
    path: '/v1/rejected/redrive',
    access: 'admin',
    status: 202,
    once: true,
    id: 'redrive',
    summary: 'Sends rejected lines again that are events by the rules of now',
    body: redriveBody,
    answer: runRequest,
    handle: async ({ body: { rejected_for = '', reason, who }, ...sent }) => {
      const nowMs = deps.now();
      const today = dayOf(nowMs);
      // The nightly role of clicks carries it out, for all kinds.
      const asked = { action: 'redrive' as const, run: 0, rejected_for, from: today, to: today, reason, who };
      return recordRequest({ register: deps.register, kinds: [deps.stores] }, asked, sent, nowMs);
    },
  }),
];
