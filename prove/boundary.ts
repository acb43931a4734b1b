import { realtimePartitions } from '../domain/ad_minutes.ts';
import { EVENT_KINDS } from '../domain/event_kinds.ts';
import { stateIndexOf } from '../domain/names.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import type { Config } from '../infra/config.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { readIndexerState } from '../serving/api/stores/search_state.ts';

/** Minutes before it are closed for every kind (epoch ms); null: one has none yet. */
export async function leastBoundary(config: Config): Promise<number | null> {
  const elasticsearch = createElasticsearch(engineUrls(config).elasticsearch);
  const partitions = realtimePartitions(AD_MINUTES_PARTITIONS);
  try {
    const states = await Promise.all(
      EVENT_KINDS.map((event) =>
        readIndexerState({ elasticsearch, event, stateIndex: stateIndexOf(event), realtimePartitions: partitions }),
      ),
    );
    const known = states.map(({ boundaryMs }) => boundaryMs).filter((boundaryMs) => boundaryMs !== null);
    return known.length === EVENT_KINDS.length ? Math.min(...known) : null;
  } finally {
    await elasticsearch.close();
  }
}
