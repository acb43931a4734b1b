import type { components } from './description.d.ts';

type Receipt = components['schemas']['Receipt'];
type Status = Receipt['status'];

/** Answers that the description does not have yet. */
export interface Report {
  by: string[];
  metrics: string[];
  rows: ({
    ad?: string;
    ad_id?: string;
    country?: string;
    minute?: string;
    hour?: string;
    day?: string;
    week?: string;
    month?: string;
  } & Figures)[];
  total: Figures;
  rows_in_all: number;
  receipts: Partial<Record<'click' | 'impression' | 'conversion', Receipt>>;
  status: Status;
  complete_to: string | null;
  snapshot: string;
}

export interface Figures {
  impressions?: number | null;
  clicks?: number | null;
  conversions?: number | null;
  ctr?: number | null;
  cvr?: number | null;
}

interface Question<Query, Path, Answer> {
  get: {
    parameters: { query?: Query; header?: never; path?: Path; cookie?: never };
    responses: {
      200: { content: { 'application/json': Answer } };
      default: { content: { 'application/problem+json': components['schemas']['Problem'] } };
    };
  };
}

interface Filters {
  from?: string;
  to?: string;
  country?: string;
  filter?: number;
  as_of?: string;
}

export interface AwaitedPaths {
  '/v1/report': Question<
    Filters & {
      by?: string;
      metrics?: string;
      order?: string;
      limit?: number;
      offset?: number;
      tz?: string;
      snapshot?: string;
    },
    never,
    Report
  >;
  '/v1/ads': Question<
    { prefix?: string; limit?: number; after?: string },
    never,
    { ads: { ad_id: string; name: string | null; campaign: string | null; advertiser: string | null }[] }
  >;
}
