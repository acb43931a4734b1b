import { deleteFilter, filterBody, putFilter, triedBody } from '../admin/filter_changes.ts';
import { filtersAnswer, nothing, registeredFilter, triedFilter } from '../contract/answers.ts';
import { Problem } from '../contract/problem.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { changeableFilterPath, filterPath } from '../parameters/filter_parameters.ts';
import { tryFilter } from '../questions/tried_filter.ts';
import { slowly } from '../stores/engines.ts';
import { readFilter, readFilters } from '../stores/filters.ts';

const [ALL, TRY, ONE] = ['/v1/filters', '/v1/filters/try', '/v1/filters/{id}'];

/** Registered filters. All clicks (0) cannot be changed. */
export const filterRoutes = ({
  stores,
  register,
  turns,
  now,
}: Pick<ApiDeps, 'stores' | 'register' | 'turns' | 'now'>): Route[] => [
  route({
    method: 'get',
    path: ALL,
    access: 'reader',
    id: 'listFilters',
    summary: 'The registered filters, and 0: all clicks',
    answer: filtersAnswer,
    handle: async ({ signal }) => ({ filters: await readFilters(stores, signal) }),
  }),
  route({
    method: 'post',
    path: TRY,
    access: 'reader',
    id: 'tryFilter',
    summary: 'What a filter that is not registered would have matched of the last minutes',
    body: triedBody,
    answer: triedFilter,
    handle: async ({ body, caller, signal }) =>
      turns.slow.take(caller.name, signal, () => tryFilter(slowly(stores), body, now(), signal)),
  }),
  route({
    method: 'get',
    path: ONE,
    access: 'reader',
    id: 'filter',
    summary: 'A registered filter',
    pathParameters: filterPath,
    answer: registeredFilter,
    handle: async ({ path: { id }, signal }) => (await readFilter(stores, id, signal)) ?? missing(id),
  }),
  route({
    method: 'put',
    path: ONE,
    access: 'admin',
    creates: true,
    id: 'putFilter',
    summary: 'Registers a filter, or changes it',
    pathParameters: changeableFilterPath,
    body: filterBody,
    answer: registeredFilter,
    handle: async ({ path: { id }, body, caller, created }) => {
      const { filter, isNew } = await putFilter({ stores, register }, id, body, caller, now());
      if (isNew) created();
      return filter;
    },
  }),
  route({
    method: 'delete',
    path: ONE,
    access: 'admin',
    status: 204,
    id: 'deleteFilter',
    summary: 'Deletes a filter',
    pathParameters: changeableFilterPath,
    answer: nothing,
    handle: async ({ path: { id }, caller }) => {
      if (!(await deleteFilter({ stores, register }, id, caller, now()))) missing(id);
    },
  }),
];

function missing(id: number): never {
  const detail = `filter ${id} is not registered (GET /v1/filters lists them)`;
  throw new Problem(404, 'no-such-filter', 'No such filter', detail);
}
