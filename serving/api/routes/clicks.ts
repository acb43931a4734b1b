import { traceAnswer } from '../contract/answers.ts';
import { Problem } from '../contract/problem.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { kindsOf } from '../parameters/event_parameter.ts';
import { eventPath, traceParameters } from '../parameters/trace_parameters.ts';
import { slowly } from '../stores/engines.ts';
import { requireAllBack } from '../stores/ledger.ts';
import { trace } from '../trace/trace.ts';

export const clickRoutes = (deps: ApiDeps): Route[] => [
  route({
    method: 'get',
    path: '/v1/clicks/{event_id}',
    access: 'admin',
    id: 'trace',
    summary: 'Where each copy of an event id is stored, and whether and by which runs it was counted',
    pathParameters: eventPath,
    query: traceParameters,
    answer: traceAnswer,
    handle: async ({ path: { event_id: eventId }, query: { event, date }, caller, signal }) => {
      const { placesOf, logFileOf, rejectedLines } = deps;
      const all = kindsOf(deps, event);
      await Promise.all(all.map(requireAllBack));
      const kinds = all.map((stores) => ({ ...slowly(stores), event: stores.event }));
      const found = await deps.turns.slow.take(caller.name, signal, () =>
        trace({ kinds, placesOf, logFileOf, rejectedLines }, { eventId, date }, signal),
      );
      if (found !== null) return found;
      const detail = `no event ${eventId} is stored, and nothing like it was rejected; what has expired cannot be told`;
      throw new Problem(404, 'not-found', 'No such resource', detail);
    },
  }),
];
