import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { eventually } from './wait.ts';

/** Records that the test platform answers, or why it does not. */
export const startedFile = (env: Record<string, string>): string => join(env.DATA_DIR ?? '', 'test-platform.json');

/** Asks for the second platform, whose settings these are. */
export const askedFile = (secondEnv: Record<string, string>): string => join(secondEnv.DATA_DIR ?? '', 'asked-for');

const doneFile = (secondEnv: Record<string, string>): string => join(secondEnv.DATA_DIR ?? '', 'done');

/** Whether the second platform is needed no longer. */
export const isSecondDone = (secondEnv: Record<string, string>): boolean => existsSync(doneFile(secondEnv));

export const secondDone = (): void => writeFileSync(doneFile(inject('secondEnv')), '');

/** The settings of the second platform, once it is ready; it is started when it is asked for. */
export async function secondPlatform(): Promise<Record<string, string>> {
  const env = inject('secondEnv');
  writeFileSync(askedFile(env), '');
  await untilStarted(env);
  return env;
}

/** Runs before each file of engine tests: the platform may still be starting. */
export async function untilStarted(env: Record<string, string> = inject('env')): Promise<void> {
  const read = async (): Promise<{ error: string | null }> => JSON.parse(readFileSync(startedFile(env), 'utf8'));
  const { error } = await eventually('the platform of the tests is ready', read, 600_000, 200);
  if (error !== null) throw new Error(`no engine test can run: ${error}`);
}
