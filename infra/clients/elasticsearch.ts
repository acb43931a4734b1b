import { Client } from '@elastic/elasticsearch';

export type { Client as ElasticsearchClient } from '@elastic/elasticsearch';

export const createElasticsearch = (url: string): Client =>
  new Client({ node: url, requestTimeout: 30_000, maxRetries: 2 });
