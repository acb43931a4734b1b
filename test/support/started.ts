import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { ON_SECOND } from './lanes.ts';
import { eventually } from './wait.ts';

/** Records that the test platform answers, or why it does not. */
export const startedFile = (env: Record<string, string>): string => join(env.DATA_DIR ?? '', 'test-platform.json');

/** Asks for the second platform, whose settings these are. */
export const askedFile = (secondEnv: Record<string, string>): string => join(secondEnv.DATA_DIR ?? '', 'asked-for');

const doneFile = (secondEnv: Record<string, string>, file: string): string =>
  join(secondEnv.DATA_DIR ?? '', `done-${file.replaceAll('/', '-')}`);

/** Whether no file needs the second platform any longer. */
export const isSecondDone = (secondEnv: Record<string, string>): boolean =>
  ON_SECOND.every((file) => existsSync(doneFile(secondEnv, file)));

/** The settings of the second platform, once it is ready; the first file that asks for it has it started. */
export async function secondPlatform(file: (typeof ON_SECOND)[number]): Promise<Record<string, string>> {
  const env = inject('secondEnv');
  writeFileSync(askedFile(env), '');
  afterAll(() => writeFileSync(doneFile(env, file), ''));
  await untilStarted(env);
  return env;
}

/** Runs before each file of engine tests: the platform may still be starting. */
export async function untilStarted(env: Record<string, string> = inject('env')): Promise<void> {
  const read = async (): Promise<{ error: string | null }> => JSON.parse(readFileSync(startedFile(env), 'utf8'));
  const { error } = await eventually('the platform of the tests is ready', read, 600_000, 200);
  if (error !== null) throw new Error(`no engine test can run: ${error}`);
}
