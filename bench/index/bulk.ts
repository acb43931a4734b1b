import { Readable } from 'node:stream';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { ALL_CLICKS_ROWS } from '../../serving/documents/rows.ts';
import { minutesOf } from '../minutes.ts';

/** A peer of the indexer, in its own process: the client's bulk helper, with the same documents. */
const [index = '', startMs = '', rows = '', ads = ''] = process.argv.slice(2);
const elasticsearch = createElasticsearch(process.env.ELASTICSEARCH_URL ?? '');

interface Document {
  minute: number;
  ad_id: string;
  country: string;
  filter_id: number;
  clicks: number;
}
function* documents(): Generator<Document> {
  for (const [minute, ad_id, country, clicks] of minutesOf(Number(startMs), Number(rows), Number(ads))) {
    yield { minute, ad_id, country, filter_id: ALL_CLICKS_ROWS, clicks };
  }
}
process.stdout.write('begins\n');
await elasticsearch.helpers.bulk<Document>({
  datasource: Readable.from(documents()),
  onDocument: ({ minute, ad_id, country }) => ({ index: { _index: index, _id: `${minute}:${country}:${ad_id}` } }),
  onDrop: ({ error }) => {
    throw new Error(JSON.stringify(error));
  },
});
await elasticsearch.close();
process.stdout.write('done\n');
// Until then its resource usage can be read.
process.stdin.once('end', () => process.exit(0)).resume();
