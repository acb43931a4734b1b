import { readReconciliation } from '../admin/reconciliations.ts';
import { checkDays, requestRuns, runsBody } from '../admin/run_requests.ts';
import { readRuns } from '../admin/runs.ts';
import { reconciliationAnswer, runRequest, runsAnswer } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { runKinds, storesOf } from '../parameters/event_parameter.ts';
import { datePath, kindParameters, runsParameters } from '../parameters/parameters.ts';

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
    id: 'requestRuns',
    summary: 'Recounts ended days',
    body: runsBody,
    answer: runRequest,
    handle: async ({ body, caller }) => {
      const nowMs = deps.now();
      checkDays(body, nowMs);
      const { event, ...asked } = body;
      return requestRuns(event === undefined ? runKinds(deps) : [storesOf(deps, event)], asked, caller, nowMs);
    },
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
