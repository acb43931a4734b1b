import { PLURAL } from '../../domain/event_kinds.ts';
import { ensureTopics } from '../../infra/clients/kafka.ts';
import { topicSpecs } from '../../infra/topics.ts';
import type { Disaster } from './disaster.ts';
import { until } from './site.ts';

const DELETED_LIMIT_MS = 30_000;

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

export const KAFKA_DISASTERS: Disaster[] = [topicRecreated];
