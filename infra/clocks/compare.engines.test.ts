import { expect, inject, test } from 'vitest';
import { eventually } from '../../test/support/wait.ts';
import { readConfig } from '../config.ts';
import { ROLES, readRoleFile } from '../role.ts';

/** The next comparison is a minute later, if an engine did not answer at the role's start. */
const LIMIT_MS = 90_000;

const { dataDir } = readConfig(inject('env'));

/** What each clock that a role compares is ahead of the broker's, in seconds. */
async function skewsOf(role: string): Promise<Map<string, number>> {
  const text = await (await fetch(readRoleFile(dataDir, role).metricsUrl)).text();
  const lines = [...text.matchAll(/^clickledger_clock_skew_seconds\{.*of="(\w+)".*\} (\S+)$/gm)];
  return new Map(lines.map(([, of, seconds]) => [of ?? '', Number(seconds)]));
}

test.each(ROLES)(
  'the role %s compares the clocks it can read, and on one machine they agree',
  async (role) => {
    const engines: Partial<Record<typeof role, string[]>> = {
      realtime: ['clickhouse'],
      publisher: ['clickhouse'],
      nightly: ['clickhouse', 'elasticsearch'],
      indexer: ['elasticsearch'],
      api: ['clickhouse', 'elasticsearch'],
    };
    const expected = ['host', ...(engines[role] ?? [])].sort();
    const skews = await eventually(
      `${role} has compared`,
      async () => {
        const found = await skewsOf(role);
        return [...found.keys()].sort().join() === expected.join() ? found : null;
      },
      LIMIT_MS,
    );
    for (const seconds of skews.values()) expect(Math.abs(seconds)).toBeLessThan(2.5);
  },
  LIMIT_MS + 10_000,
);
