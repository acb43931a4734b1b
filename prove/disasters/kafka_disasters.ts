import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { readStatus } from '../../audit/status.ts';
import { EVENT_KINDS, PLURAL } from '../../domain/event_kinds.ts';
import { minutesName } from '../../domain/names.ts';
import { endOffsets, ensureTopics } from '../../infra/clients/kafka.ts';
import { topicSpecs } from '../../infra/topics.ts';
import { type Disaster, WRITE_SECONDS } from './disaster.ts';
import { type Site, until, whileFrozen } from './site.ts';

const PUBLISHED_LIMIT_MS = 60_000;
const DELETED_LIMIT_MS = 30_000;

/** All messages of the topics of minutes expire, of which the indexer, which is stopped, has not seen the last. */
const minutesExpired: Disaster = {
  name: 'minutes-expired',
  async harm(site) {
    await whileFrozen(site.pidOf('indexer'), async () => {
      await site.lines?.write(WRITE_SECONDS);
      await until(
        () => publisherLag(site),
        (lag) => lag === 0,
        PUBLISHED_LIMIT_MS,
      );
      await site.withAdmin(async (admin) => {
        for (const topic of EVENT_KINDS.map(minutesName)) {
          const ends = await endOffsets(admin, topic);
          const partitions = [...ends].map(([partition, end]) => ({ partition, offset: String(end) }));
          await admin.deleteTopicRecords({ topic, partitions });
        }
      });
    });
  },
};

async function publisherLag(site: Site): Promise<number> {
  const { stages } = await readStatus(site.config);
  return stages.filter(({ name }) => name === 'publisher').reduce((sum, { lag }) => sum + lag, 0);
}

const topicRecreated: Disaster = {
  name: 'topic-recreated',
  async harm(site) {
    const topic = PLURAL.click;
    await site.withAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [topic] });
      await until(
        () => admin.listTopics(),
        (topics) => !topics.includes(topic),
        DELETED_LIMIT_MS,
      );
      await ensureTopics(admin, topicSpecs(site.config));
    });
  },
};

/** The last half of a partition's newest segment is gone, as after a power cut without fsync. */
const logTruncated: Disaster = {
  name: 'log-truncated',
  async harm(site) {
    await site.stop();
    const data = site.path('engines', 'kafka', 'data');
    const [longest] = readdirSync(data)
      .filter((name) => /^clicks-\d+$/.test(name))
      .map((name) => {
        const file = readdirSync(`${data}/${name}`)
          .filter((segment) => segment.endsWith('.log'))
          .sort()
          .at(-1);
        return { path: `${data}/${name}/${file}`, size: statSync(`${data}/${name}/${file}`).size };
      })
      .sort((a, b) => b.size - a.size);
    if (longest === undefined || longest.size === 0) throw new Error(`${data} has no segment of clicks`);
    truncateSync(longest.path, Math.floor(longest.size / 2));
    // With its word that it has stopped in order the broker would not look at its segments.
    rmSync(`${data}/.kafka_cleanshutdown`, { force: true });
  },
};

export const KAFKA_DISASTERS: Disaster[] = [minutesExpired, topicRecreated, logTruncated];
