import { isToken } from '../../domain/click/click.ts';

export interface ApiToken {
  name: string;
  role: 'reader' | 'admin' | 'advertiser';
  sha256: string;
  /** For an advertiser: prefixes of the ids of its ads. Never empty. */
  adPrefixes?: string[];
  /** From then on it is refused. */
  expiresMs?: number;
}

const TOKENS_FORM =
  'name:reader|admin:<sha256 of the token in hex>[@<when it expires, such as 2027-01-31T00:00:00Z>][,…], or name:advertiser:<sha256>[@…]:<prefix of ad ids>[|<prefix>…]';

const TOKEN = /^([^:\s]+):(reader|admin|advertiser):([0-9a-f]{64})(?:@([\dT:.-]+Z))?(?::(.*))?$/;
const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;

/**
 * `name:role:sha256-of-the-token`, for an advertiser followed by `:prefix|prefix`; several separated by commas. An expiry
 * stands behind the hash. A text is what is wrong with them, without any part of a hash.
 */
export function parseTokens(text: string): ApiToken[] | string {
  const tokens = text.split(',').map((part) => parseToken(part.trim()));
  if (!tokens.every((token) => token !== null)) return `is malformed; expected ${TOKENS_FORM}`;
  return alike(tokens) ?? tokens;
}

function parseToken(text: string): ApiToken | null {
  const [, name, role, sha256, expires, rest] = TOKEN.exec(text) ?? [];
  if (name === undefined || sha256 === undefined) return null;
  const expiresMs = expires === undefined ? undefined : utcTime(expires);
  if (Number.isNaN(expiresMs)) return null;
  const until = expiresMs === undefined ? {} : { expiresMs };
  if (role !== 'advertiser')
    return rest === undefined ? { name, role: role as 'reader' | 'admin', sha256, ...until } : null;
  // An empty prefix would match every ad.
  const adPrefixes = rest?.split('|') ?? [];
  return adPrefixes.length > 0 && adPrefixes.every(isToken) ? { name, role, sha256, adPrefixes, ...until } : null;
}

/** `Date.parse` takes 30 February for 2 March. */
function utcTime(text: string): number {
  const ms = UTC_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 16) !== text.slice(0, 16) ? Number.NaN : ms;
}

/** The audit log and the rate limit tell callers apart by name; of one hash it could not be said whose it is. */
function alike(tokens: ApiToken[]): string | null {
  for (const [at, { name, sha256 }] of tokens.entries()) {
    const earlier = tokens.slice(0, at);
    if (earlier.some((other) => other.name === name)) return `names ${name} twice; give each token a name of its own`;
    const same = earlier.find((other) => other.sha256 === sha256);
    if (same) return `has one hash for ${same.name} and ${name}; make a token for each`;
  }
  return null;
}
