import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { inject } from 'vitest';
import { APART_LANE, SIDE_BY_SIDE_LANE } from './lanes.ts';
import { untilStarted } from './started.ts';

/** Runs before each file of engine tests. */

// Files that tests write into DATA_DIR get the same permissions as the platform's.
process.umask(0o077);
const lane = inject('lane');
// The run was interrupted: nobody would end a process that waits.
process.once('disconnect', () => process.exit(1));
if (lane !== SIDE_BY_SIDE_LANE) await turn(`\0clickledger tests ${inject('env').DATA_DIR} ${lane}`);
if (lane !== APART_LANE) await untilStarted();

/** Waits until no other file of the lane runs. The name is one of Linux alone, free again when its process has ended. */
async function turn(name: string): Promise<void> {
  for (;;) {
    const server = createServer((waiting) => waiting.on('error', () => {}).unref());
    server.listen(name);
    try {
      await once(server, 'listening');
      server.unref();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    const holder = connect(name).on('error', () => {});
    await new Promise((resolve) => holder.once('close', resolve));
  }
}
