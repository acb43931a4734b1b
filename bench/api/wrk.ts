import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../infra/setup/find_program.mjs';
import type { BenchSite } from '../site.ts';
import type { Phase } from '../types.ts';
import { meter } from '../usage.ts';

const SCRIPT = fileURLToPath(new URL('./wrk.lua', import.meta.url));

/** A load: requests over this many connections at once. */
interface Load {
  origin: string;
  paths: string[];
  /** Whether the paths may be reused; otherwise there must be enough of them. */
  repeated?: boolean;
  connections: number;
  /** Whole seconds: wrk accepts no fractions. */
  seconds: number;
}

/**
 * Puts a load on a server with wrk, which runs on the same processors and is therefore measured like the processes in
 * `pids`. Rejects when any response was not of status 200 to 399.
 */
export async function byWrk(
  site: BenchSite,
  name: string,
  { origin, paths, repeated = false, connections, seconds }: Load,
  pids: Record<string, number>,
): Promise<Phase> {
  const folder = site.newFolder();
  const file = join(folder, 'paths');
  writeFileSync(file, `${paths.join('\n')}\n`);
  const wrk = site.start('wrk', folder, {
    file: wrkProgram(),
    args: [
      '--threads',
      '1',
      '--connections',
      `${connections}`,
      '--duration',
      `${seconds}s`,
      '--timeout',
      '30s',
      '--script',
      SCRIPT,
      origin,
      '--',
      file,
    ],
    env: process.env,
    cwd: folder,
    stdin: 'pipe',
  });
  const used = meter({ ...pids, wrk: wrk.pid });
  await wrk.says('result {');
  const metered = used();
  const result = resultIn(wrk.said());
  await wrk.stop();
  if (result.answers === 0 || result.refused > 0 || result.failed > 0) {
    const { answers, refused, failed } = result;
    throw new Error(`${origin}${paths[0]}: ${answers} answers, ${refused} of them refusals; ${failed} failed`);
  }
  // Each connection may have sent one more request, and wrk runs the script once before it begins.
  if (!repeated && result.answers + connections + 1 > paths.length) {
    throw new Error(`${origin}: ${paths.length} paths were too few, ${result.answers} were answered`);
  }
  return { name, rows: result.answers, ...metered, seconds: result.seconds };
}

interface Result {
  answers: number;
  seconds: number;
  refused: number;
  failed: number;
}

/** The script's report of a run. */
export function resultIn(said: string): Result {
  const [, json] = /^result (\{.*\})$/m.exec(said) ?? [];
  if (json === undefined) throw new Error(`wrk did not say how it went:\n${said}`);
  return JSON.parse(json) as Result;
}

/** The path of wrk; throws with instructions to install it. */
export function wrkProgram(env: NodeJS.ProcessEnv = process.env): string {
  const found = findProgram('wrk', env);
  if (found === undefined) throw new Error('no wrk on the PATH: infra/setup/apt-packages.sh installs it');
  return found;
}
