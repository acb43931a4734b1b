import { Gauge, type Registry } from 'prom-client';
import type { Log } from '../log.ts';
import { repeat } from '../repeat.ts';
import type { Service } from '../role.ts';
import { tokensOfFile } from './given.ts';
import type { ApiToken } from './parse.ts';

/** A secret that Kubernetes or an editor has exchanged is another file, which a watch on the old one would not see. */
const EVERY_MS = 2_000;

export interface WatchedTokens extends Service {
  current(): readonly ApiToken[];
}

interface Watched {
  /** Read at the start. */
  tokens: readonly ApiToken[];
  /** Null: they come from a setting, and stay. */
  file: string | null;
  log: Log;
  metrics: Registry;
  everyMs?: number;
}

/** The tokens of a file, read again while the process runs. While the file cannot be used, those that were read last apply. */
export function watchTokens({ tokens, file, log, metrics, everyMs = EVERY_MS }: Watched): WatchedTokens {
  let known = tokens;
  if (file === null) return { current: () => known, stop: async () => {} };
  let refusal: string | null = null;
  const refused = new Gauge({
    name: 'clickledger_api_tokens_refused',
    help: '1 while API_TOKENS_FILE cannot be used and the tokens that were read last apply',
    registers: [metrics],
  });
  refused.set(0);
  const readAgain = async (): Promise<void> => {
    const before = refusal;
    try {
      const found = tokensOfFile(file);
      const isChanged = JSON.stringify(found) !== JSON.stringify(known);
      if (isChanged || before !== null)
        log.info({ tokens: found.map(({ name }) => name) }, 'API_TOKENS_FILE was read again');
      [known, refusal] = [found, null];
    } catch (error) {
      refusal = (error as Error).message;
      // Each fault once, not each two seconds.
      if (refusal !== before) log.error(`${refusal}; the tokens that were read last stay in force`);
    }
    refused.set(refusal === null ? 0 : 1);
  };
  const { stop } = repeat(everyMs, readAgain);
  return { current: () => known, stop };
}
