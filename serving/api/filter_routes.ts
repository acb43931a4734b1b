import { readBody } from './body.ts';
import type { Stores } from './engines.ts';
import { deleteFilter, filterBody, putFilter } from './filter_changes.ts';
import { filterId } from './filter_parameters.ts';
import { readFilter, readFilters } from './filters.ts';
import { noParameters, readParameters, readPath } from './parameters.ts';
import { Problem } from './problem.ts';
import type { Action, Route } from './routes.ts';

const [ALL, ONE] = ['/v1/filters', '/v1/filters/:id'];

export const createFilterRoutes = (stores: Stores): Record<string, Route> => ({
  [ALL]: async ({ query, signal }) => {
    readParameters(noParameters, query);
    return { filters: await readFilters(stores, signal) };
  },
  [ONE]: async ({ path, query, signal }) => {
    readParameters(noParameters, query);
    const id = readPath(filterId(0), 'id', path);
    return (await readFilter(stores, id, signal)) ?? missing(id);
  },
});

/** All clicks (0) cannot be changed. */
export const createFilterActions = (
  stores: Stores,
  now: () => number,
): Record<string, Record<'put' | 'delete', Action>> => ({
  [ONE]: {
    put: async (request, caller) => {
      const id = readPath(filterId(1), 'id', request.params);
      const { filter, isNew } = await putFilter(stores, id, readBody(filterBody, request), caller, now());
      return { status: isNew ? 201 : 200, body: filter };
    },
    delete: async (request, caller) => {
      const id = readPath(filterId(1), 'id', request.params);
      return (await deleteFilter(stores, id, caller, now())) ? { status: 204 } : missing(id);
    },
  },
});

function missing(id: number): never {
  throw new Problem(
    404,
    'no-such-filter',
    'No such filter',
    `filter ${id} is not registered (GET /v1/filters lists them)`,
  );
}
