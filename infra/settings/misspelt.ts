import { ConfigError } from '../config_error.ts';
import { editsBetween, isSlip } from './edits.ts';
import { KNOWN_SETTINGS, OTHERS, PREFIX, PREFIXED } from './known.ts';

/** Shorter names are of words that other programs use too: `APP_PORT` is one letter from `API_PORT`. */
const LONG = 9;
const VERY_LONG = 13;
/** Many programs have variables that begin so: `CLICKHOUSE_HOST` is two letters from `CLICKHOUSE_PORT`. */
const OF_ENGINE = /^(KAFKA|CLICKHOUSE|ELASTICSEARCH|HIVE)_/;
/** Ordinary names of others that are as near. */
const OF_OTHERS = new Set(['API_TOKEN']);
/** What Kubernetes sets for a service, and Docker for a linked container, whatever their names. */
const OF_SERVICE =
  /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?|NAME|ENV_\w+)$/;

/** Throws for the first variable that looks like one of our settings and is none. */
export function refuseMisspelt(env: NodeJS.ProcessEnv): void {
  const known = new Set([...KNOWN_SETTINGS, ...PREFIXED, ...(env[OTHERS] ?? '').split(',')]);
  for (const name of Object.keys(env)) {
    if (known.has(name) || env[name] === '') continue;
    const meant = name.startsWith(PREFIX) ? meantByPrefixed(name) : meantBy(name);
    if (meant === undefined) continue;
    const advice = meant === null ? 'docs/operations.md lists them' : `did you mean ${meant}?`;
    const other = name.startsWith(PREFIX) ? '' : ` (if it is another program's: ${OTHERS}=${name})`;
    throw new ConfigError(`${name} is not a setting; ${advice}${other}`);
  }
}

/** Undefined: it may well be of another program. */
const meantBy = (name: string): string | undefined =>
  OF_OTHERS.has(name) ? undefined : KNOWN_SETTINGS.find((setting) => isNear(name, setting));

/** Null: it is ours by its beginning, and like none that there is. */
function meantByPrefixed(name: string): string | null | undefined {
  if (OF_SERVICE.test(name)) return undefined;
  const bare = name.slice(PREFIX.length);
  const setting = KNOWN_SETTINGS.find((one) => one === bare || isNear(bare, one));
  return setting ?? PREFIXED.find((one) => editsBetween(name, one) <= 2) ?? null;
}

function isNear(name: string, setting: string): boolean {
  // Quicker than the table of edits, for nearly all variables.
  if (Math.abs(name.length - setting.length) > 2) return false;
  if (setting.length < LONG) return isSlip(name, setting);
  const limit = setting.length < VERY_LONG || OF_ENGINE.test(setting) ? 1 : 2;
  return editsBetween(name, setting) <= limit;
}
