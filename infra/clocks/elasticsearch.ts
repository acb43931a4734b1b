import { z } from 'zod';
import type { ClockReading } from '../../domain/clocks.ts';
import { parsed } from '../../domain/parse.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { createElasticsearch } from '../clients/elasticsearch.ts';
import type { EngineUrls } from '../clients/engines.ts';

const health = z.tuple([z.object({ epoch: z.coerce.number() })]);

/** By a client of its own: it is asked once a minute. */
export async function readClockAt(urls: EngineUrls): Promise<ClockReading> {
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const fromMs = Date.now();
  const answer = await elasticsearch.cat.health({ format: 'json', h: ['epoch'] }).finally(() => elasticsearch.close());
  const [{ epoch }] = parsed(health, answer, 'the health of Elasticsearch');
  // Whole seconds: its clock may have shown them for nearly one already.
  return { atMs: epoch * SECOND_MS, host: { fromMs: fromMs - SECOND_MS, toMs: Date.now() } };
}
