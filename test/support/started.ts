import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { eventually } from './wait.ts';

/** Records that the test platform answers, or why it does not. */
export const startedFile = (env: Record<string, string>): string => join(env.DATA_DIR ?? '', 'test-platform.json');

/** Asks for the second platform, whose settings these are. */
export const askedFile = (secondEnv: Record<string, string>): string => join(secondEnv.DATA_DIR ?? '', 'asked-for');

/** The settings of the second platform, once it is ready; the first file that asks for it has it started. */
export async function secondPlatform(): Promise<Record<string, string>> {
  writeFileSync(askedFile(inject('secondEnv')), '');
  await untilStarted(inject('secondEnv'));
  return inject('secondEnv');
}

/** Runs before each file of engine tests: the platform may still be starting. */
export async function untilStarted(env: Record<string, string> = inject('env')): Promise<void> {
  const read = async (): Promise<{ error: string | null }> => JSON.parse(readFileSync(startedFile(env), 'utf8'));
  const { error } = await eventually('the platform of the tests is ready', read, 600_000, 200);
  if (error !== null) throw new Error(`no engine test can run: ${error}`);
}
