import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_KINDS, type EventKind } from '../domain/event_kinds.ts';
import { type Config, readConfig } from './config.ts';
import { recordedKinds } from './register/event_kinds.ts';
import { openRegister } from './register/open.ts';
import type { Register } from './register/register.ts';

/**
 * The settings of the platform that they are for: a kind that EVENT_KINDS does not name or leave out is run if it is on
 * record. An upgrade does not begin to count kinds that were passed over before.
 */
export async function readPlatformConfig(env: NodeJS.ProcessEnv): Promise<Config> {
  const config = readConfig(env);
  if (config.eventKindsAreSet) return config;
  const kinds = await kindsOfPlatform(openRegister(config), existsSync(join(config.archiveDir, 'manifests')));
  return kinds === null ? config : { ...config, eventKinds: kinds };
}

/**
 * The kinds on record; null: it is a new platform.
 * @param hasArchived whether it has an archive: releases before 0.2 had no register
 */
export async function kindsOfPlatform(register: Register, hasArchived: boolean): Promise<EventKind[] | null> {
  const recorded = await recordedKinds(register);
  if (recorded !== null) return recorded;
  const isOlder = hasArchived || (await register.list('stores/')).length + (await register.list('ledger/')).length > 0;
  return isOlder ? ['click'] : null;
}

/** What is said of kinds that are not run because nothing was said about them; null: nothing. */
export function kindsNotAskedFor({ eventKinds, eventKindsAreSet }: Pick<Config, 'eventKinds' | 'eventKindsAreSet'>) {
  if (eventKindsAreSet || eventKinds.length === EVENT_KINDS.length) return null;
  return (
    `EVENT_KINDS is not set, and this platform goes on with what it counted before: ${eventKinds.join(',')}; ` +
    `EVENT_KINDS=${EVENT_KINDS.join()} adds the others, for all roles`
  );
}
