import { isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import cron from 'node-cron';
import { z } from 'zod';
import { byKind, EVENT_KINDS, type EventKind } from '../domain/event_kinds.ts';
import { isRegion } from '../domain/names.ts';
import {
  FEWEST_MINUTE_DAYS,
  FEWEST_RAW_DAYS,
  FEWEST_REJECTED_DAYS,
  MINUTE_DAYS,
  RAW_DAYS,
  REALTIME_INDEX_DAYS,
  REJECTED_DAYS,
} from '../domain/retention.ts';
import { DAY_MS } from '../domain/time.ts';
import { tokensOf } from './api_tokens/given.ts';
import type { ApiToken } from './api_tokens/parse.ts';
import { ConfigError } from './config_error.ts';
import type { EngineAddresses } from './engine_settings/addresses.ts';
import { readAddresses } from './engine_settings/read.ts';
import { hostName, LOOPBACK_NAMES } from './hosts.ts';

export type { ApiToken } from './api_tokens/parse.ts';
export { ConfigError } from './config_error.ts';

const UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** Far beyond whatever is meant, and safely a number of milliseconds. */
const LONGEST_MS = 365 * DAY_MS;

/** `60`, `60s`, `500ms`, `10 min`, `2h`; a bare number is seconds. In whole milliseconds. */
const duration = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(text.trim());
  const ms = match ? Number(match[1]) * (UNITS_MS[match[2] ?? 's'] as number) : Number.NaN;
  if (Number.isInteger(ms) && ms <= LONGEST_MS) return ms;
  const expected = 'a duration such as 60s, 500ms or 10min, in whole milliseconds, of a year (8760h) at most';
  context.addIssue(`is "${text}"; expected ${expected}`);
  return z.NEVER;
});

/**
 * Engines get folders in it by their configuration, where a comma, a colon or a blank ends a path, and Hive refuses others
 * when it counts its first day.
 */
const PATH_OF_ENGINES = /^[\w/.~+=@-]+$/;
function dataFolder(setting: string): string {
  const path = resolve(setting);
  if (PATH_OF_ENGINES.test(path)) return path;
  throw new ConfigError(
    `DATA_DIR: the engines cannot be given the folder "${path}"; name one of letters (a-z), digits and . _ - + = @ ~ alone`,
  );
}

const integer = (min: number, max: number) =>
  z.string().transform((text, context) => {
    const value = Number(text);
    if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
    context.addIssue(`is "${text}"; expected a whole number from ${min} to ${max}`);
    return z.NEVER;
  });

const port = integer(1, 65_535);

/** `0.0.0.0:9464`, `[::]:9464` */
const hostPort = z.string().transform((text, context) => {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+)):(\d+)$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(digits) <= 65_535) return { host, port: Number(digits) };
  context.addIssue(`is "${text}"; expected host:port, such as 0.0.0.0:9464`);
  return z.NEVER;
});

const regions = z.string().transform((text, context) => {
  const list = text.split(',').map((part) => part.trim());
  if (list.every(isRegion) && new Set(list).size === list.length) return list;
  context.addIssue(`is "${text}"; expected names of lower-case letters, digits and dashes, each once, such as eu,us`);
  return z.NEVER;
});

/**
 * `10min` for every kind, `impression=1h` for one; what is not named has the default.
 * @param expected what a value looks like
 * @param example one of several kinds
 */
const eachKind = (schema: z.ZodType<number, string>, fallback: number, expected: string, example: string) =>
  z.string().transform((text, context) => {
    const found: Partial<Record<EventKind | 'all', number>> = {};
    for (const part of text.split(',')) {
      const [, name = 'all', value = ''] = /^\s*(?:(\w+)\s*=)?(.*)$/.exec(part) ?? [];
      const kind = name === 'all' ? name : EVENT_KINDS.find((event) => event === name);
      const parsed = schema.safeParse(value);
      if (kind === undefined || kind in found || !parsed.success) {
        context.addIssue(
          `is "${text}"; expected ${expected}, with others for single kinds behind it, such as ${example}`,
        );
        return z.NEVER;
      }
      found[kind] = parsed.data;
    }
    return byKind((event) => found[event] ?? found.all ?? fallback);
  });

const DEFAULT_WINDOW_MS = 600_000;
const CLICKS_PARTITIONS = 4;
/**
 * Each partition costs something, also when nothing comes. A topic can be given more at any time, and never fewer, so those
 * of kinds that may never come begin with one.
 */
const OTHERS_PARTITIONS = 1;

const DEFAULT_EVENT_KINDS = EVENT_KINDS.join();

const eventKinds = z.string().transform((text, context) => {
  const list = text.split(',').map((part) => part.trim());
  const kinds = EVENT_KINDS.filter((kind) => list.includes(kind));
  // As many as were named: each is a kind, and stands once.
  if (kinds.includes('click') && kinds.length === list.length) return kinds;
  context.addIssue(`is "${text}"; expected click, or click with some of impression and conversion, each once`);
  return z.NEVER;
});

const hostNames = z.string().transform((text, context) => {
  const names = text.split(',').map((part) => nameWithoutPort(part.trim()));
  if (names.every((name) => name !== null)) return names;
  context.addIssue(`is "${text}"; expected host names or addresses without ports, such as ads.example.com,10.0.0.5`);
  return z.NEVER;
});

const nameWithoutPort = (part: string): string | null => {
  if (isIPv6(part)) return part.toLowerCase();
  return part.includes(':') ? null : hostName(part);
};

/** Names of the proxy-addr package, which Express asks. */
const KINDS_OF_NETWORK = ['loopback', 'linklocal', 'uniquelocal'];
const EXPECTED_PROXIES =
  'how many proxies stand before the API, from 1 to 9, or their addresses and networks, such as 10.0.0.5,10.1.0.0/16';

/** How many proxies there are, or which. */
const proxies = z.string().transform((text, context) => {
  const list = text.split(',').map((part) => part.trim());
  const [first = ''] = list;
  if (list.length === 1 && /^[1-9]$/.test(first)) return Number(first);
  if (list.every((part) => KINDS_OF_NETWORK.includes(part) || isNetwork(part))) return list;
  context.addIssue(`is "${text}"; expected ${EXPECTED_PROXIES}`);
  return z.NEVER;
});

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

const folderUrl = z.string().transform((text, context) => {
  if (text.startsWith('/')) return text;
  if (/^file:\/\/\/./.test(text)) return fileURLToPath(text);
  context.addIssue(`is "${text}"; expected the URL of a folder, such as file:///srv/clickledger/register`);
  return z.NEVER;
});

const schema = z.object({
  DATA_DIR: z.string().min(1).default('./data'),
  DATA_GROUP: z
    .string()
    .regex(/^[\w.-]{1,60}$/, 'expected the name or number of a group of this machine')
    .optional(),
  LOG_GLOB: z.string().min(1).optional(),
  HOST_ID: z
    .string()
    .regex(/^[\w.-]{1,60}$/, 'expected up to 60 letters, digits, dots, dashes')
    .optional(),
  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: port.default(8080),
  API_RATE_LIMIT: integer(1, 10_000_000).prefault('6000'),
  API_ALLOWED_HOSTS: hostNames.optional(),
  API_TRUST_PROXY: proxies.optional(),
  METRICS_LISTEN: hostPort.optional(),
  DEMO_TRAFFIC: z.enum(['on', 'off'], { error: (issue) => `is "${issue.input}"; expected on or off` }).optional(),
  KAFKA_PORT: port.default(9092),
  CLICKHOUSE_PORT: port.default(8123),
  ELASTICSEARCH_PORT: port.default(9200),
  HIVE_PORT: port.default(10_000),
  ALLOWED_LATENESS: duration.prefault('60s'),
  DEDUPE_WINDOW: eachKind(duration, DEFAULT_WINDOW_MS, 'a duration such as 10min', '10min,impression=1h').prefault(
    '10min',
  ),
  RAW_DAYS: eachKind(
    integer(FEWEST_RAW_DAYS, 36_500),
    RAW_DAYS,
    `a number of days from ${FEWEST_RAW_DAYS}`,
    `${RAW_DAYS},impression=${FEWEST_RAW_DAYS}`,
  ).prefault(`${RAW_DAYS}`),
  MINUTE_DAYS: integer(FEWEST_MINUTE_DAYS, 36_500).prefault(`${MINUTE_DAYS}`),
  REJECTED_DAYS: integer(FEWEST_REJECTED_DAYS, 36_500).prefault(`${REJECTED_DAYS}`),
  REALTIME_INDEX_DAYS: integer(0, 36_500).prefault(`${REALTIME_INDEX_DAYS}`),
  NIGHTLY_CRON: z
    .string()
    .refine((text) => cron.validate(text), {
      error: (issue) => `is "${issue.input}"; expected a cron expression such as 0 2 * * *`,
    })
    .default('0 2 * * *'),
  RECONCILE_LIMIT: integer(0, Number.MAX_SAFE_INTEGER).prefault('0'),
  SEARCH_DAYS: integer(1, 2_000).prefault('200'),
  CLICKS_PARTITIONS: integer(1, 1_000).optional(),
  REGISTER_URL: folderUrl.optional(),
  EVENT_KINDS: eventKinds.prefault(DEFAULT_EVENT_KINDS),
  REGIONS: regions.optional(),
  REGION: z.string().optional(),
});

/** The names of settings, apart from secrets and those of engines. */
export const SETTINGS = Object.keys(schema.shape);

export interface Config {
  dataDir: string;
  /** The group whose members may use `logs` and, with an external Hive, the archive; null: nobody else. */
  dataGroup: string | null;
  logGlob: string;
  /** Part of the event id of a line without one: must differ between machines and never change on one. */
  hostId: string;
  archiveDir: string;
  /** The folder of the register: see infra/register. */
  registerDir: string;
  /**
   * `tokens`: those of the start; none: every caller is an admin. `tokensFile`: where they come from, to be read again;
   * null: from a setting. `rateLimit`: requests per minute for each token. `allowedHosts`: host names it answers under;
   * null: any, because tokens are set and no names. `trustProxy`: proxies whose word for the caller's address is taken, or how
   * many there are; null: none.
   */
  api: {
    host: string;
    port: number;
    tokens: ApiToken[];
    tokensFile: string | null;
    rateLimit: number;
    allowedHosts: ReadonlySet<string> | null;
    trustProxy: number | string[] | null;
  };
  /** Where a role serves its metrics; undefined: on loopback, at a free port. */
  metricsListen: { host: string; port: number } | undefined;
  demoTraffic: boolean | undefined;
  /** Undefined: that engine is embedded. */
  urls: EngineAddresses;
  ports: { kafka: number; clickhouse: number; elasticsearch: number; hive: number };
  allowedLatenessMs: number;
  dedupeWindowMs: Record<EventKind, number>;
  /** How many days after its end a month of raw rows is kept. */
  rawDays: Record<EventKind, number>;
  /** How many days minutes of a day are kept in ClickHouse after its run was published. */
  minuteDays: number;
  /** How many days what was rejected is kept in files. */
  rejectedDays: number;
  /** How many days after its run was published the real-time index of a day is kept. */
  realtimeIndexDays: number;
  nightlyCron: string;
  /** A run with more unexplained clicks is not published. */
  reconcileLimit: number;
  searchDays: number;
  /** The partitions of each topic that events are counted from, if it is created now. */
  partitions: Record<EventKind, number>;
  /** The kinds of events that are run, `click` always: the same for all roles. In the order in which they are served. */
  eventKinds: EventKind[];
  /** Whether EVENT_KINDS says so; otherwise see infra/platform_config.ts. */
  eventKindsAreSet: boolean;
  /** Each region has its own topic of clicks, beside the one without a region. */
  regions: string[];
  /** The region of the files that this machine's log monitor starts to read. */
  region: string | null;
}

function allowedHosts(
  { API_ALLOWED_HOSTS: names, API_HOST }: z.output<typeof schema>,
  isSecured: boolean,
): ReadonlySet<string> | null {
  if (names === undefined && isSecured) return null;
  return new Set([...LOOPBACK_NAMES, API_HOST.toLowerCase(), ...(names ?? [])]);
}

/** Kubernetes sets KAFKA_PORT to `tcp://…` where there is a service named kafka. */
const isGiven = ([name, value]: [string, string | undefined]): boolean =>
  value !== undefined && value !== '' && !(name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

/** Reads and validates every setting once. Throws ConfigError naming the first invalid one. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(isGiven));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const value = parsed.data;
  const tokens = tokensOf(given);
  if (!LOOPBACK_NAMES.has(value.API_HOST) && tokens === null) {
    throw new ConfigError(
      `API_HOST: ${value.API_HOST} is not loopback; set API_TOKENS or API_TOKENS_FILE to serve beyond this machine`,
    );
  }
  const regions = value.REGIONS ?? [];
  if (value.REGION !== undefined && !regions.includes(value.REGION)) {
    throw new ConfigError(`REGION: is "${value.REGION}"; expected one of REGIONS (${regions.join(',') || 'unset'})`);
  }
  const dataDir = dataFolder(value.DATA_DIR);
  return {
    dataDir,
    dataGroup: value.DATA_GROUP ?? null,
    logGlob: value.LOG_GLOB === undefined ? join(dataDir, 'logs', '*.log') : resolve(value.LOG_GLOB),
    hostId: value.HOST_ID ?? hostname(),
    archiveDir: join(dataDir, 'archive'),
    registerDir: value.REGISTER_URL ?? join(dataDir, 'register'),
    api: {
      host: value.API_HOST,
      port: value.API_PORT,
      tokens: tokens ?? [],
      tokensFile: given.API_TOKENS_FILE ?? null,
      rateLimit: value.API_RATE_LIMIT,
      allowedHosts: allowedHosts(value, tokens !== null),
      trustProxy: value.API_TRUST_PROXY ?? null,
    },
    metricsListen: value.METRICS_LISTEN,
    demoTraffic: value.DEMO_TRAFFIC === undefined ? undefined : value.DEMO_TRAFFIC === 'on',
    urls: readAddresses(given),
    ports: {
      kafka: value.KAFKA_PORT,
      clickhouse: value.CLICKHOUSE_PORT,
      elasticsearch: value.ELASTICSEARCH_PORT,
      hive: value.HIVE_PORT,
    },
    allowedLatenessMs: value.ALLOWED_LATENESS,
    dedupeWindowMs: value.DEDUPE_WINDOW,
    rawDays: value.RAW_DAYS,
    minuteDays: value.MINUTE_DAYS,
    rejectedDays: value.REJECTED_DAYS,
    realtimeIndexDays: value.REALTIME_INDEX_DAYS,
    nightlyCron: value.NIGHTLY_CRON,
    reconcileLimit: value.RECONCILE_LIMIT,
    searchDays: value.SEARCH_DAYS,
    partitions: byKind(
      (event) => value.CLICKS_PARTITIONS ?? (event === 'click' ? CLICKS_PARTITIONS : OTHERS_PARTITIONS),
    ),
    eventKinds: value.EVENT_KINDS,
    eventKindsAreSet: given.EVENT_KINDS !== undefined,
    regions,
    region: value.REGION ?? null,
  };
}
