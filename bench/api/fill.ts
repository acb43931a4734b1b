import { stateIndexOf } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { sql } from '../../infra/sql.ts';
import { prepareState } from '../../serving/indexer/consume.ts';
import type { BenchSite } from '../site.ts';
import { ADS, type Indexed, indexMinutes } from './minutes.ts';

const MINUTES_SQL = sql('clickhouse/bench/api_minutes.sql');

/** Yesterday's ad-minutes, as the platform would have them: indexed, and counted in real time. */
export async function fillStores(site: BenchSite, rows: number): Promise<Indexed> {
  const elasticsearch = createElasticsearch(site.urls.elasticsearch);
  await site.emptyTables();
  await site.putTemplates();
  await site.emptyTopics();
  await prepareState(elasticsearch, { event: 'click', stateIndex: stateIndexOf('click') }, site.queue);
  const startMs = dayStartMs(dayOf(Date.now() - DAY_MS));
  const indexed = await indexMinutes(elasticsearch, startMs, rows);
  await elasticsearch.close();
  for (const table of ['minutes_by_ad', 'minutes_by_minute']) {
    const query_params = { table, ads: ADS, start_s: startMs / 1_000, rows };
    await site.clickhouse.command({ query: MINUTES_SQL, query_params });
  }
  return indexed;
}
