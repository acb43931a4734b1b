import { Client, SniffingTransport } from '@elastic/elasticsearch';
import type { ElasticsearchAddress } from '../engine_settings/addresses.ts';
import { withExplanation } from './faults.ts';

export type { Client as ElasticsearchClient } from '@elastic/elasticsearch';

/** @param at an address, or the URL of a node that asks for nothing */
export function createElasticsearch(at: ElasticsearchAddress | string, requestTimeout = 30_000): Client {
  const { nodes, login, ca } = typeof at === 'string' ? { nodes: [at], login: null, ca: undefined } : at;
  const place = nodes.map((node) => new URL(node).host).join(',');
  return new Client({
    nodes,
    ...(login && { auth: login }),
    ...(ca !== undefined && { tls: { ca, rejectUnauthorized: true } }),
    requestTimeout,
    maxRetries: 2,
    // Nodes are those that were set: behind a proxy they have other addresses for one another.
    sniffOnStart: false,
    Transport: transportTo(place),
  });
}

const transportTo = (place: string): typeof SniffingTransport =>
  class extends SniffingTransport {
    // Its overloads differ in what they return, which stays as it is.
    override request(...args: Parameters<SniffingTransport['request']>): Promise<never> {
      return super.request(...args).catch((error: unknown) => {
        throw withExplanation('elasticsearch', place, error);
      }) as Promise<never>;
    }
  };
