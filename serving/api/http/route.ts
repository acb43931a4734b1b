import { z } from 'zod';
import type { Log } from '../../../infra/log.ts';
import type { ReadLags } from '../admin/lag.ts';
import type { Access, Caller } from '../contract/access.ts';
import type { Stores } from '../stores/engines.ts';

export interface ApiDeps {
  stores: Stores;
  readLags: ReadLags;
  log: Log;
  now: () => number;
  /** What the watermark allows for late arrivals. */
  latenessMs: number;
}

/** What a request brings, read by the route's schemas. `signal` ends when nobody waits for the answer any more. */
export interface Asked<P = unknown, Q = unknown, B = unknown> {
  path: P;
  query: Q;
  body: B;
  caller: Caller;
  signal: AbortSignal;
  /** The answer is about something that was not there before: 201. */
  created: () => void;
}

interface Described {
  method: 'get' | 'put' | 'post' | 'delete';
  /** As in OpenAPI: `/v1/ads/{ad_id}/series`. */
  path: string;
  access: Access;
  /** The operation's name in clients that are made from the description. */
  id: string;
  summary: string;
  /** Of the answer, if all went well; 204 has none. */
  status: number;
  /** Besides, 201: it may make what it is about. */
  creates?: true;
}

/** All there is to know of an endpoint: requests are read by its schemas, and the OpenAPI document is made from them. */
export interface Route extends Described {
  pathParameters: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodObject | null;
  answer: z.ZodType;
  /** The answer as CSV, for who prefers that. */
  csv: ((answer: unknown) => string) | null;
  handle: (asked: Asked) => Promise<unknown>;
}

const NO_PARAMETERS = z.object({});
type None = typeof NO_PARAMETERS;

/** @param typed what is left out of `pathParameters` and `query` is none; `handle` gets what the schemas have read */
export function route<
  P extends z.ZodObject = None,
  Q extends z.ZodObject = None,
  B extends z.ZodObject = None,
  A = unknown,
>(
  typed: Omit<Described, 'status'> & {
    status?: number;
    pathParameters?: P;
    query?: Q;
    body?: B;
    answer: z.ZodType<A>;
    csv?: (answer: NoInfer<A>) => string;
    handle: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<A>;
  },
): Route {
  const { pathParameters = NO_PARAMETERS, query = NO_PARAMETERS, body = null, status = 200, csv = null } = typed;
  // Whoever calls them has read the request by the very schemas that stand beside them.
  return { ...typed, pathParameters, query, body, status, csv, handle: typed.handle } as Route;
}
