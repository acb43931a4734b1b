import { Client, type estypes, SniffingTransport } from '@elastic/elasticsearch';
import type { ElasticsearchAddress } from '../engine_settings/addresses.ts';
import { withExplanation } from './faults.ts';

export type { Client as ElasticsearchClient } from '@elastic/elasticsearch';

/** The type of the error when a right is missing. */
const FORBIDDEN = 'security_exception';

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
      return super
        .request(...args)
        .then(unlessForbidden)
        .catch((error: unknown) => {
          throw withExplanation('elasticsearch', place, error);
        }) as Promise<never>;
    }
  };

/** Bulk requests are answered with 200, even of a user who may write none of the documents. */
function unlessForbidden<Answer>(answer: Answer): Answer {
  const { errors, items } = (answer ?? {}) as Partial<estypes.BulkResponse>;
  if (errors !== true || !Array.isArray(items)) return answer;
  for (const refused of items.flatMap((item) => Object.values(item)).map(({ error }) => error)) {
    if (refused?.type === FORBIDDEN) throw Object.assign(new Error(refused.reason ?? FORBIDDEN), { statusCode: 403 });
  }
  return answer;
}
