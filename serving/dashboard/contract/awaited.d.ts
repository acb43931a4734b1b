import type { components } from './description.d.ts';

/** Questions that the description does not have yet. */
export interface AwaitedPaths {
  '/v1/ads': {
    get: {
      parameters: { query?: { prefix?: string; limit?: number; after?: string } };
      responses: {
        200: { content: { 'application/json': { ads: { ad_id: string; name: string | null }[] } } };
        default: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
}
