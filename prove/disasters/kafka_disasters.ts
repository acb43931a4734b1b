import { readStatus } from '../../audit/status.ts';
import { EVENT_KINDS, PLURAL } from '../../domain/event_kinds.ts';
import { minutesName } from '../../domain/names.ts';
import { endOffsets, ensureTopics } from '../../infra/clients/kafka.ts';
import { topicSpecs } from '../../infra/topics.ts';
import { type Disaster, WRITE_SECONDS } from './disaster.ts';
import { type Site, until } from './site.ts';

const PUBLISHED_LIMIT_MS = 60_000;
const DELETED_LIMIT_MS = 30_000;

/** All messages of the topics of minutes expire, of which the indexer, which is stopped, has not seen the last. */
const minutesExpired: Disaster = {
  name: 'minutes-expired',
  async harm(site) {
    const indexer = site.pidOf('indexer');
    process.kill(indexer, 'SIGSTOP');
    try {
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
    } finally {
      process.kill(indexer, 'SIGCONT');
    }
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

export const KAFKA_DISASTERS: Disaster[] = [minutesExpired, topicRecreated];
