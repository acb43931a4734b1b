import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { groupsOf } from '../../domain/names.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { type Admin, createKafka, hasMembers } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { waitUntil } from '../../infra/wait.ts';

const STALL_MS = 120_000;
const LOOK_EVERY_MS = 500;

export async function withAdmin(config: Config, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = createKafka(kafkaAddress(config), 'clickledger-restore', createLog('restore')).admin();
  await admin.connect();
  await work(admin).finally(() => admin.disconnect());
}

/**
 * Waits until no sink of the kinds works any more: what it worked on is no longer there.
 * @param which the roles that are to end, in words
 */
export const untilNoSink = (
  admin: Admin,
  kinds: readonly EventKind[],
  which: string,
  onProgress: (line: string) => void,
): Promise<void> =>
  waitUntil(
    `${which} to end`,
    async () => {
      for (const event of kinds)
        if (await hasMembers(admin, groupsOf(event).sink)) return `one still reads ${PLURAL[event]}: stop it`;
      return null;
    },
    { stallMs: STALL_MS, everyMs: LOOK_EVERY_MS, onProgress },
  );
