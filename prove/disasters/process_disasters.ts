import type { Disaster } from './disaster.ts';

/** Twice the session of a consumer group. */
const FROZEN_SECONDS = 20;

const publisherFrozen: Disaster = {
  name: 'publisher-frozen',
  async harm(site) {
    const publisher = site.pidOf('publisher');
    process.kill(publisher, 'SIGSTOP');
    await site.lines?.write(FROZEN_SECONDS);
    process.kill(publisher, 'SIGCONT');
  },
};

const clockOfEngine: Disaster = {
  name: 'clock-of-engine',
  skipped: () => 'nothing here sets the clock of one engine alone',
  async harm() {},
};

export const PROCESS_DISASTERS: Disaster[] = [publisherFrozen, clockOfEngine];
