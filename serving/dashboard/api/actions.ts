import { queryOptions } from '@tanstack/react-query';
import type { components } from '../contract/description.d.ts';
import type { Event } from '../rules/view.ts';
import { answered, client, ProblemError } from './client.ts';

export type Progress = components['schemas']['RequestProgress'];
export type Filter = components['schemas']['Filter'];
type Where = Filter['where'];

/** Who asks for something and why: kept with what is made of it. */
export interface Because {
  reason: string;
  who: string;
}

export type Asked = components['schemas']['RunRequest'];

/** `crypto.randomUUID` is not there on a page without TLS from another host. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A request that is sent again, because its answer was lost, is the same request. */
const once = (key: string) => ({ params: { header: { 'Idempotency-Key': key } } });

/** Days of a kind of event. */
interface Days {
  event: Event;
  from: string;
  to: string;
}

export const requestRuns = (
  key: string,
  days: Days,
  because: Because,
  kind: { preview?: true; accept?: true } = {},
): Promise<Asked> => answered(client.POST('/v1/runs', { ...once(key), body: { ...days, ...because, ...kind } }));

export const requestRollback = (
  key: string,
  run: { event: Event; date: string; run: number },
  because: Because,
): Promise<Asked> => answered(client.POST('/v1/rollbacks', { ...once(key), body: { ...run, ...because } }));

/** @param reason null: all that was rejected */
export const requestRedrive = (key: string, reason: string | null, because: Because): Promise<Asked> => {
  const only = reason === null ? {} : { rejected_for: reason as never };
  return answered(client.POST('/v1/rejected/redrive', { ...once(key), body: { ...only, ...because } }));
};

/** Whether it is not known if a request has arrived. */
export const isLost = (error: unknown): boolean =>
  error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 500);

export const isOver = ({ state }: Pick<Progress, 'state'>): boolean => state === 'done' || state === 'failed';

export const progressQuestion = (request: string) =>
  queryOptions({
    queryKey: ['run_request', request],
    queryFn: ({ signal }) =>
      answered(client.GET('/v1/run_requests/{id}', { params: { path: { id: request } }, signal })),
    refetchInterval: ({ state: { data } }) => (data !== undefined && isOver(data) ? false : 1_000),
  });

/** Its topic is read for each question: not again by itself. */
export const rejectedQuestion = (reason: string | null) =>
  queryOptions({
    queryKey: ['rejected', reason],
    queryFn: ({ signal }) => {
      const query = { limit: 20, ...(reason !== null && { reason: reason as never }) };
      return answered(client.GET('/v1/rejected', { params: { query }, signal }));
    },
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    retry: false,
  });

export const traceQuestion = (eventId: string, date: string) =>
  queryOptions({
    queryKey: ['trace', eventId, date],
    queryFn: ({ signal }) => {
      const params = { path: { event_id: eventId }, query: date === '' ? {} : { date } };
      return answered(client.GET('/v1/clicks/{event_id}', { params, signal }));
    },
    enabled: eventId !== '',
    retry: false,
  });

export const tryFilter = (where: Where, minutes: number) =>
  answered(client.POST('/v1/filters/try', { body: { where, minutes } }));

export const putFilter = (id: number, name: string, where: Where) =>
  answered(client.PUT('/v1/filters/{id}', { params: { path: { id } }, body: { name, where } }));

/** The answer to a deletion has no body. */
export async function deleteFilter(id: number): Promise<void> {
  const { error, response } = await client.DELETE('/v1/filters/{id}', { params: { path: { id } } });
  if (!response.ok) throw new ProblemError({ ...error, status: response.status });
}
