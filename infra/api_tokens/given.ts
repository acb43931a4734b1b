import { ConfigError } from '../config_error.ts';
import { contentOf, type Given } from '../engine_settings/given.ts';
import { type ApiToken, parseTokens } from './parse.ts';

const [SETTING, FILE] = ['API_TOKENS', 'API_TOKENS_FILE'] as const;

/** The tokens of the setting, or of the file that the other one names; null: neither is set. */
export function tokensOf(given: Given): ApiToken[] | null {
  const [value, path] = [given[SETTING], given[FILE]];
  if (value !== undefined && path !== undefined) {
    throw new ConfigError(`${SETTING}: is set, and so is ${FILE}: leave one of them out`);
  }
  if (path !== undefined) return tokensOfFile(path);
  if (value === undefined) return null;
  const tokens = parseTokens(value);
  if (typeof tokens === 'string') throw new ConfigError(`${SETTING}: ${tokens}`);
  return tokens;
}

/** Throws a ConfigError that names the file and what it should hold. An empty one is malformed: it would let everybody in. */
export function tokensOfFile(path: string): ApiToken[] {
  const tokens = parseTokens(contentOf(FILE, path));
  if (typeof tokens === 'string') throw new ConfigError(`${FILE}: ${path} ${tokens}`);
  return tokens;
}
