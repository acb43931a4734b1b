import { z } from 'zod';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { count, time } from '../../../domain/fields.ts';
import { placeOf } from '../../../domain/names.ts';
import type { RejectedEntry, RejectedLines } from '../../../domain/rejected.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import { readRuns } from '../admin/runs.ts';
import { engineCall, queryRowsOf, type Stores } from '../stores/engines.ts';
import { judge, type NotCounted, type RunOfDay } from './judge.ts';

const COPIES = sql('clickhouse/queries/api_trace.sql');
const FILE = sql('clickhouse/queries/api_trace_file.sql');

/** Copies of one event id that are told of. */
const MOST = 100;
/** The last day that ClickHouse's times reach. */
const LAST_MS = Date.UTC(2149, 0, 1);

const storedCopy = z.object({
  stored: z.enum(['raw', 'copy']),
  ad_id: z.string(),
  time,
  user_id: z.string(),
  ip: z.string(),
  country: z.string(),
  arrived_at: time,
  topic_partition: z.string(),
  topic_offset: count,
});
const archivedFile = z.object({ file: z.string(), sha256: z.string() });

type Kind = Pick<Stores, 'clickhouse' | 'event'>;

interface Tracer {
  kinds: readonly Kind[];
  /** The partitions that hold all copies of an event id. */
  placesOf(event: EventKind, eventId: string): Promise<string[]>;
  rejectedLines: Pick<RejectedLines, 'list'>;
  /** The log file of a generation, if this machine follows it. */
  logFileOf(generation: string): string | null;
}

interface Asked {
  eventId: string;
  /** Only of this UTC day. */
  date: string | undefined;
}

interface Line {
  host: string;
  file: string | null;
  byte: number;
}

export interface Copy {
  event: EventKind | null;
  stored: 'raw' | 'copy' | 'rejected';
  /** Why it is not counted, or was rejected. */
  reason: NotCounted | string | null;
  ad_id: string | null;
  time: string | null;
  country: string | null;
  arrived_at: string;
  message: { topic: string; partition: number; offset: number } | null;
  runs: { date: string; run: number }[];
  counted: boolean;
}

export interface Trace {
  event_id: string;
  event: EventKind | null;
  line: Line | null;
  message: Copy['message'];
  stored: Copy['stored'];
  reason?: string;
  archive: { file: string; sha256: string } | null;
  runs: Copy['runs'];
  counted: boolean;
  /** Further copies of the event id. */
  others: number;
  ad_id: string | null;
  time: string | null;
  /** The first hundred, in the order they arrived. */
  copies: Copy[];
}

/**
 * Where an event id is, and what was counted of it. What was rejected is looked for only if nothing of it is stored: its
 * topic has to be read. Null: it is nowhere, or no longer.
 */
export async function trace(tracer: Tracer, asked: Asked, signal: AbortSignal): Promise<Trace | null> {
  const ofKinds = await Promise.all(tracer.kinds.map((stores) => copiesOf(tracer, stores, asked, signal)));
  const stored = ofKinds
    .flat()
    .sort((a, b) => (a.arrived_at < b.arrived_at ? -1 : a.arrived_at > b.arrived_at ? 1 : 0));
  const [first] = stored;
  if (first === undefined) return rejectedOnly(tracer, asked);
  const of = tracer.kinds.find(({ event }) => event === first.event) as Kind;
  return traced(asked.eventId, stored, {
    line: lineOf(asked.eventId, tracer.logFileOf),
    archive: await archivedIn(of, first, signal),
  });
}

function traced(event_id: string, copies: Copy[], known: Pick<Trace, 'line' | 'archive'>): Trace {
  const { event, message, stored, reason, runs, counted, ad_id, time } = copies[0] as Copy;
  const why = reason === null ? {} : { reason };
  const { line, archive } = known;
  const others = copies.length - 1;
  const told = copies.slice(0, MOST);
  return { event_id, event, line, message, stored, ...why, archive, runs, counted, others, ad_id, time, copies: told };
}

async function copiesOf(tracer: Tracer, stores: Kind, { eventId, date }: Asked, signal: AbortSignal) {
  const { event } = stores;
  const fromMs = date === undefined ? 0 : dayStartMs(date);
  const range = { from: fromMs, to: date === undefined ? LAST_MS : fromMs + DAY_MS };
  const find = (places: string[]) =>
    queryRowsOf(stores, storedCopy, COPIES, { event_id: eventId, ...range, places, limit: 10 * MOST }, signal);
  const meant = await find(await tracer.placesOf(event, eventId));
  // Topics may have had another number of partitions, and names of their own.
  const copies = meant.length > 0 ? meant : await find([]);
  const days = [...new Set(copies.map(({ time }) => dayOf(Date.parse(time))))];
  const runs = new Map(await Promise.all(days.map(async (day) => [day, await runsOf(stores, day, signal)] as const)));
  const judged = judge(copies, (day) => runs.get(day) ?? []);
  return copies.map(({ stored, ad_id, time, country, arrived_at, topic_partition, topic_offset }, n): Copy => {
    const { counted = false, reason = null, runs: numbers = [] } = judged[n] ?? {};
    const message = { ...placeOf(topic_partition), offset: topic_offset };
    const date = dayOf(Date.parse(time));
    const ofRuns = numbers.map((run) => ({ date, run }));
    return { event, stored, reason, ad_id, time, country, arrived_at, message, runs: ofRuns, counted };
  });
}

/** Those that were ever published. */
async function runsOf(stores: Kind, date: string, signal: AbortSignal): Promise<RunOfDay[]> {
  const runs = await readRuns(stores, { date }, signal);
  return runs
    .filter(({ published_at }) => published_at !== null)
    .map(({ run, cut, state }) => ({ run, cut, isCurrent: state === 'published' }))
    .reverse();
}

/** Null until a run has read it. */
async function archivedIn(stores: Kind, { message, time, runs }: Copy, signal: AbortSignal) {
  if (message === null || time === null || runs.length === 0) return null;
  const log = `${message.topic}-${message.partition}/`;
  const last = `${log}${String(message.offset).padStart(20, '0')}`;
  const day = dayOf(Date.parse(time));
  const [found] = await queryRowsOf(stores, archivedFile, FILE, { day, log, last }, signal);
  return found ?? null;
}

/** An id that a line did not bring itself is the place of the line: host, generation of the file, byte. */
function lineOf(eventId: string, logFileOf: Tracer['logFileOf']): Line | null {
  const [, host, generation, byte] = /^(.+):([a-z2-7]{12}):(\d+)$/.exec(eventId) ?? [];
  if (host === undefined || generation === undefined) return null;
  return { host, file: logFileOf(generation), byte: Number(byte) };
}

async function rejectedOnly({ rejectedLines }: Tracer, { eventId }: Asked): Promise<Trace | null> {
  const { rejected } = await engineCall('kafka', rejectedLines.list({ about: eventId, limit: MOST }));
  const [first] = rejected;
  if (first === undefined) return null;
  return traced(eventId, rejected.map(rejectedCopy), { line: placeOfLine(first), archive: null });
}

const rejectedCopy = ({ reason, at }: RejectedEntry): Copy => ({
  event: null,
  stored: 'rejected',
  reason,
  ad_id: null,
  time: null,
  country: null,
  arrived_at: at,
  message: null,
  runs: [],
  counted: false,
});

/** `web-1 /logs/a.log byte 120`; of a rejected message there is none. */
function placeOfLine({ place }: RejectedEntry): Line | null {
  const [, host, file, byte] = /^(\S+) (.*) byte (\d+)$/.exec(place) ?? [];
  return host === undefined || file === undefined ? null : { host, file, byte: Number(byte) };
}
