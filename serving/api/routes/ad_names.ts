import { putAdNames } from '../admin/ad_names.ts';
import { adNamesAnswer, adsAnswer } from '../contract/answers.ts';
import { type ApiDeps, type Route, route } from '../http/route.ts';
import { adNameRows, readAdNames } from '../parameters/ad_name_rows.ts';
import { runKinds } from '../parameters/event_parameter.ts';
import { adsParameters } from '../parameters/parameters.ts';
import { listAds } from '../questions/ads.ts';

const ADS = '/v1/ads';

/** The list of ads, and what they are called. */
export const adNameRoutes = (deps: ApiDeps): Route[] => [
  route({
    method: 'get',
    path: ADS,
    access: 'advertiser',
    id: 'listAds',
    summary:
      'Ads with events or names, by id: what they are called now, and the minutes of their first and last events',
    query: adsParameters,
    answer: adsAnswer,
    handle: async ({ query: { prefix = '', limit, after = '' }, caller, signal }) => {
      const asked = { prefix, limit, after, adPrefixes: caller.adPrefixes ?? [] };
      const list = () => listAds(deps, runKinds(deps), asked, deps.now(), signal);
      return { ads: await deps.turns.slow.take(caller.name, signal, list) };
    },
  }),
  route({
    method: 'put',
    path: ADS,
    access: 'admin',
    id: 'putAds',
    summary: 'Names of ads, their campaigns and advertisers, from a time on: all of the rows or none',
    rows: adNameRows,
    answer: adNamesAnswer,
    handle: async ({ sentRows, caller, signal }) =>
      putAdNames(deps, await readAdNames(sentRows), caller, deps.now(), signal),
  }),
];
