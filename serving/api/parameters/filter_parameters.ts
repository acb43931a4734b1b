import { z } from 'zod';
import { both, type Filter, isByCountryOnly } from '../../../domain/filters/filter.ts';
import { filterOf } from '../../../domain/filters/registered_filter.ts';
import type { Question } from '../../planner/question.ts';
import { badParameters } from '../contract/problem.ts';
import type { Stores } from '../stores/engines.ts';
import { readFilter, readFilterRevision } from '../stores/filters.ts';
import { COUNTRY, MAX_VALUES, NETWORK, textParam, titled, USER_ID, type ValueRule } from './values.ts';

const list = ({ expected, parse }: ValueRule) =>
  textParam(`${expected}, or up to ${MAX_VALUES} by comma`, (text) => {
    const values = text.split(',').map((part) => parse(part.trim()));
    return values.length <= MAX_VALUES && values.every((value) => value !== null) ? values : null;
  }).optional();

/** 0 is all clicks; ids are 32-bit integers, as in Elasticsearch. */
const MAX_FILTER_ID = 2 ** 31 - 1;
const filterId = (least: 0 | 1, what = 'the id of a filter') =>
  textParam(
    `${what}, a whole number from ${least} to ${MAX_FILTER_ID}`,
    (text) => {
      const id = Number(text);
      return /^\d{1,10}$/.test(text) && id >= least && id <= MAX_FILTER_ID ? id : null;
    },
    { type: 'integer', minimum: least, maximum: MAX_FILTER_ID },
  );
export const filterPath = z.object({ id: filterId(0) });
export const changeableFilterPath = z.object({ id: filterId(1) });

const [ONE_OF, NONE_OF] = ['Only clicks with one of these', 'Only clicks with none of these'];
/** Conditions accepted by every question; all of them must hold. */
export const filterParameters = {
  country: titled(ONE_OF, list(COUNTRY)),
  ip: titled(ONE_OF, list(NETWORK)),
  user_id: titled(ONE_OF, list(USER_ID)),
  not_country: titled(NONE_OF, list(COUNTRY)),
  not_ip: titled(NONE_OF, list(NETWORK)),
  not_user_id: titled(NONE_OF, list(USER_ID)),
  filter: titled('Only clicks that are right by this registered filter; 0: all clicks', filterId(0).default(0)),
  filter_revision: titled(
    'The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out',
    filterId(1, 'a revision of a filter').optional(),
  ),
};

type FilterParameters = z.output<z.ZodObject<typeof filterParameters>>;

/** Throws a Problem if the requested registered filter does not exist. */
export async function readAskedFilter(
  stores: Pick<Stores, 'clickhouse'>,
  { filter: id, filter_revision: revision, not_country, not_ip, not_user_id, ...values }: FilterParameters,
  signal: AbortSignal,
): Promise<Pick<Question, 'filter' | 'registered'>> {
  const given: Filter = filterOf({ ...values, not: { country: not_country, ip: not_ip, user_id: not_user_id } });
  if (id === 0) {
    if (revision === undefined) return { filter: given, registered: null };
    throw badParameters([{ parameter: 'filter_revision', expected: 'one of a registered filter, named by "filter"' }]);
  }
  const found =
    revision === undefined
      ? await readFilter(stores, id, signal)
      : await readFilterRevision(stores, id, revision, signal);
  if (found === null) {
    const expected = 'the id of a registered filter (GET /v1/filters lists them)';
    if (revision === undefined) throw badParameters([{ parameter: 'filter', expected, got: String(id) }]);
    const ofFilter = `a revision that defined filter ${id}`;
    throw badParameters([{ parameter: 'filter_revision', expected: ofFilter, got: String(revision) }]);
  }
  return {
    filter: both(filterOf(found.where), given),
    registered: isByCountryOnly(given) ? { filterId: id, revision: found.revision } : null,
  };
}
