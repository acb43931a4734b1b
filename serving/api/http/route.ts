import { z } from 'zod';
import type { EventKind } from '../../../domain/event_kinds.ts';
import type { RejectedLines } from '../../../domain/rejected.ts';
import type { Log } from '../../../infra/log.ts';
import type { Register } from '../../../infra/register/register.ts';
import type { ReadLags } from '../admin/lag.ts';
import type { Access, Caller } from '../contract/access.ts';
import type { SentRows } from '../parameters/ad_name_rows.ts';
import type { QuestionTurns } from '../questions/turns.ts';
import type { ReadFindings } from '../questions/warnings.ts';
import type { Stores } from '../stores/engines.ts';

export interface ApiDeps {
  /** The stores of clicks. */
  stores: Stores;
  /** The stores of each other kind of event that is run. */
  otherStores: readonly Stores[];
  /** Decides over changes of filters and of names of ads. */
  register: Register;
  /** When each question is answered. */
  turns: QuestionTurns;
  readLags: ReadLags;
  readFindings: ReadFindings;
  rejectedLines: Pick<RejectedLines, 'list'>;
  /** The partitions that hold all copies of an event id. */
  placesOf(event: EventKind, eventId: string): Promise<string[]>;
  /** The log file of a generation, if this machine follows it. */
  logFileOf(generation: string): string | null;
  log: Log;
  now: () => number;
  /** The lateness that the watermark allows for. */
  latenessMs: number;
}

/** A request as parsed by the route's schemas. `signal` is aborted when the client no longer waits. */
export interface Asked<P = unknown, Q = unknown, B = unknown> {
  path: P;
  query: Q;
  /** The query as it was sent. */
  sent: URLSearchParams;
  body: B;
  /** The body of a route with `rows`. */
  sentRows: SentRows;
  caller: Caller;
  /** In every log line about it. */
  requestId: string;
  /** A repeated request with the same one is the same request; null: none was sent. */
  idempotencyKey: string | null;
  signal: AbortSignal;
  /** The request created the resource: 201. */
  created: () => void;
}

interface Described {
  method: 'get' | 'put' | 'post' | 'delete';
  /** As in OpenAPI: `/v1/ads/{ad_id}/series`. */
  path: string;
  access: Access;
  /** The operation's name in generated clients. */
  id: string;
  summary: string;
  /** Status of a successful answer; 204 has no body. */
  status: number;
  /** May also answer 201: it can create its resource. */
  creates?: true;
  /** Takes the header Idempotency-Key. */
  once?: true;
}

/** Everything about an endpoint: its schemas parse requests, and the OpenAPI document is generated from them. */
export interface Route extends Described {
  pathParameters: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodObject | null;
  /** What a body of many rows, as JSON or CSV, consists of: the handler reads it from `SentRows`. */
  rows: z.ZodType | null;
  answer: z.ZodType;
  /** Formats the answer as CSV, for clients that prefer it. */
  csv: ((answer: unknown) => string) | null;
  handle: (asked: Asked) => Promise<unknown>;
}

const NO_PARAMETERS = z.object({});
type None = typeof NO_PARAMETERS;

/** @param typed without `pathParameters` or `query` there are none; `handle` gets the parsed values */
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
    rows?: z.ZodType;
    answer: z.ZodType<A>;
    csv?: (answer: NoInfer<A>) => string;
    handle: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<A>;
  },
): Route {
  const { pathParameters = NO_PARAMETERS, query = NO_PARAMETERS, body = null, rows = null } = typed;
  const { status = 200, csv = null } = typed;
  // Safe: callers parse the request by these very schemas.
  return { ...typed, pathParameters, query, body, rows, status, csv, handle: typed.handle } as Route;
}
