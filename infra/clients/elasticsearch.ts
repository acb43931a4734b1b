import { Client } from '@elastic/elasticsearch';

export type { Client as ElasticsearchClient } from '@elastic/elasticsearch';

export const createElasticsearch = (url: string, requestTimeout = 30_000): Client =>
  new Client({ node: url, requestTimeout, maxRetries: 2 });
