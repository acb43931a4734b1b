import type { estypes } from '@elastic/elasticsearch';
import express from 'express';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';

/**
 * A peer of the API, in its own process: a handler that does nothing, and one that asks Elasticsearch for the sum of
 * one ad's clicks in a range of one index, with the same client as the API.
 */
const [port = ''] = process.argv.slice(2);
const elasticsearch = createElasticsearch(process.env.ELASTICSEARCH_URL ?? '');
const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/nothing', (_request, response) => {
  response.type('application/json').send('{}');
});
app.get('/direct/:index/:ad', async (request, response) => {
  const { from, to } = request.query;
  const found = await elasticsearch.search({
    index: request.params.index,
    size: 0,
    track_total_hits: false,
    query: {
      bool: {
        filter: [
          { term: { ad_id: request.params.ad } },
          { range: { minute: { gte: Number(from), lt: Number(to), format: 'epoch_millis' } } },
        ],
      },
    },
    aggs: { clicks: { sum: { field: 'clicks' } } },
  });
  const clicks = found.aggregations?.clicks as estypes.AggregationsSumAggregate;
  response.type('application/json').send(JSON.stringify({ ad_id: request.params.ad, count: clicks.value }));
});
app.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
process.stdin.once('end', () => process.exit(0)).resume();
