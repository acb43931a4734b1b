import { readReconciliation } from '../admin/reconciliations.ts';
import { readProgress } from '../admin/request_progress.ts';
import { actionOf, checkDays, dayAfter, recordRequest, rollbackBody, runsBody } from '../admin/run_requests.ts';
import { readRuns } from '../admin/runs.ts';
import { reconciliationAnswer, requestProgress, runRequest, runsAnswer } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { kindsOf, oneKind, runKinds, storesOf } from '../parameters/event_parameter.ts';
import { datePath, kindParameters, requestPath, runsParameters } from '../parameters/parameters.ts';

export const runRoutes = (deps: ApiDeps): Route[] => [
  route({
    method: 'get',
    path: '/v1/runs',
    access: 'reader',
    id: 'listRuns',
    summary: 'Runs, the newest first',
    query: runsParameters,
    answer: runsAnswer,
    handle: async ({ query: { event, ...query }, signal }) => ({
      runs: await readRuns(storesOf(deps, event), query, signal),
    }),
  }),
  route({
    method: 'post',
    path: '/v1/runs',
    access: 'admin',
    status: 202,
    once: true,
    id: 'requestRuns',
    summary: 'Recounts ended days; or previews what a recount would change, or accepts blocked ones',
    body: runsBody,
    answer: runRequest,
    handle: async ({ body: { event, from, to, reason, who, ...flags }, ...sent }) => {
      const nowMs = deps.now();
      const action = actionOf(flags);
      checkDays({ from, to }, nowMs);
      const kinds = action === 'accept' ? [oneKind(deps, event)] : kindsOf(deps, event);
      const asked = { action, run: 0, rejected_for: '', from, to, reason, who };
      return recordRequest({ register: deps.register, kinds }, asked, sent, nowMs);
    },
  }),
  route({
    method: 'post',
    path: '/v1/rollbacks',
    access: 'admin',
    status: 202,
    once: true,
    id: 'requestRollback',
    summary: "Takes a day's current run back, or returns to the older one that is named",
    body: rollbackBody,
    answer: runRequest,
    handle: async ({ body: { event, date, run, reason, who }, ...sent }) => {
      const [nowMs, to] = [deps.now(), dayAfter(date)];
      checkDays({ from: date, to }, nowMs);
      const asked = { action: 'rollback' as const, run, rejected_for: '', from: date, to, reason, who };
      return recordRequest({ register: deps.register, kinds: [oneKind(deps, event)] }, asked, sent, nowMs);
    },
  }),
  route({
    method: 'get',
    path: '/v1/run_requests/{id}',
    access: 'reader',
    id: 'runRequest',
    summary: 'How far a request is, and what came of it',
    pathParameters: requestPath,
    answer: requestProgress,
    handle: async ({ path: { id }, signal }) => readProgress(runKinds(deps), id, signal),
  }),
  route({
    method: 'get',
    path: '/v1/reconciliations/{date}',
    access: 'reader',
    id: 'reconciliation',
    summary: "The report by which a day's newest run was let through or blocked",
    pathParameters: datePath,
    query: kindParameters,
    answer: reconciliationAnswer,
    handle: async ({ path: { date }, query: { event }, signal }) =>
      readReconciliation(storesOf(deps, event), date, signal),
  }),
];
