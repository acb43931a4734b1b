import { z } from 'zod';
import { batchRunFacts } from '../../../domain/batch_run.ts';
import { EVENT_KINDS } from '../../../domain/event_kinds.ts';
import { count, day, time } from '../../../domain/fields.ts';
import { where } from '../../../domain/filters/registered_filter.ts';
import { conservationRule, reconciledAd, reconciliation } from '../../../domain/reconciliation.ts';
import { reasonCount, rejectedEntry } from '../../../domain/rejected.ts';
import { adChange, preview, redriveResult, requestedAction, requestState } from '../../../domain/run_request.ts';
import { DIMENSIONS, METRICS } from '../../planner/report.ts';

/**
 * The API's answers as schemas: the OpenAPI document is generated from them, and tests validate answers against them.
 */

/** Schemas with their own name in the OpenAPI document. */
export const named = z.registry<{ id: string; description?: string }>();

const finality = z.enum(['final', 'restated', 'provisional', 'not_run']);

/** null: part of the range is of days before the kind of event was first run. */
const countOrNull = count.nullable();

const side = { count: countOrNull, from: time.nullable(), to: time.nullable() };

const receipt = z
  .strictObject({
    as_of: time.optional().describe('The time that was asked for, of a question about the past'),
    status: finality.describe(
      'provisional: part of the range has no run yet; restated: a run has replaced another; not_run: part of the range is of days before the kind of event was first run, and the count is null',
    ),
    batch: z
      .strictObject({ ...side, runs: z.array(z.strictObject({ date: day, run: z.int().min(1) })) })
      .describe('What runs have counted, and which'),
    realtime: z.strictObject(side).describe('What has been counted as it came, of days without a run'),
    watermark: time.nullable().describe('What arrived before then is counted'),
    boundary: time.nullable().describe('Minutes before then are closed'),
    late: count.nullable().describe('Clicks that came after the cut of their day, not in the count; null: not known'),
    sources: z.array(z.enum(['elasticsearch', 'clickhouse', 'hive'])).describe('Stores that the counts are from'),
    warnings: z
      .array(z.strictObject({ warning: z.string(), means: z.string(), from: time.nullable(), to: time.nullable() }))
      .optional()
      .describe('What is known to be missing or in doubt, of which time (null: of any); absent when nothing is'),
  })
  .register(named, {
    id: 'Receipt',
    description: 'What the answer rests on; its counts are batch.count + realtime.count',
  });

export const countAnswer = z
  .strictObject({ ad_id: z.string(), count: countOrNull, receipt })
  .register(named, { id: 'AggregatedCount' });

/** Null when nothing is to divide by, or a count is null. Not rounded. */
const rate = z.number().min(0).nullable();
const rates = {
  ctr: rate.describe('Clicks per impression; null without impressions'),
  cvr: rate.describe('Conversions per click; null without clicks'),
};
/** Those that a question asks for. */
const someMetrics = {
  impressions: countOrNull.optional(),
  clicks: countOrNull.optional(),
  conversions: countOrNull.optional(),
  ctr: rates.ctr.optional(),
  cvr: rates.cvr.optional(),
};
const completeTo = time
  .nullable()
  .describe(
    'The least boundary of the kinds: minutes from then on are counted up to different moments. null: not known',
  );

const receipts = z
  .strictObject({ click: receipt, impression: receipt, conversion: receipt })
  .register(named, { id: 'Receipts', description: 'A receipt for each kind' });

const kindCount = z.strictObject({ count: countOrNull, receipt }).register(named, { id: 'KindCount' });

export const performanceAnswer = z
  .strictObject({
    ad_id: z.string(),
    impressions: kindCount,
    clicks: kindCount,
    conversions: kindCount,
    ...rates,
    status: finality.describe('The worst of the three: not_run, provisional, restated, final'),
    complete_to: completeTo,
  })
  .register(named, { id: 'Performance' });

export const popularAnswer = z
  .strictObject({
    ad_ids: z.array(z.string()),
    ads: z.array(
      z.strictObject({
        ad_id: z.string(),
        count: countOrNull,
        ...someMetrics,
      }),
    ),
    window: z.int().min(1),
    update_time_minute: time,
    receipt,
    receipts: receipts.optional().describe('With "order"'),
  })
  .register(named, { id: 'PopularAds' });

export const seriesAnswer = z
  .strictObject({
    ad_id: z.string(),
    size: z.union([z.int().min(1), z.enum(['1h', '1d', '1w', '1mo'])]).describe('Seconds, or a unit of the calendar'),
    hop: z.int().min(1).optional().describe('Seconds; absent for units of the calendar'),
    tz: z.string().optional().describe('The zone of units of the calendar'),
    points: z.array(
      z.strictObject({
        from: time,
        to: time,
        count: countOrNull.optional(),
        ...someMetrics,
        status: finality,
      }),
    ),
    receipt: receipt.optional(),
    receipts: receipts.optional(),
    status: finality.optional(),
    complete_to: completeTo.optional(),
  })
  .register(named, {
    id: 'Series',
    description:
      'Each point has its count and the series a receipt; those of event=performance have the counts of all kinds and their rates, and the series a receipt of each, with status and complete_to',
  });

/** With the offset of the zone, and no fraction. */
const zonedTime = z.iso.datetime({ offset: true, precision: 0 });

export const reportAnswer = z
  .strictObject({
    by: z.array(z.enum(DIMENSIONS)),
    metrics: z.array(z.enum(METRICS)),
    rows: z
      .array(
        z.strictObject({
          ad_id: z.string().optional(),
          campaign: z.string().nullable().optional(),
          advertiser: z.string().nullable().optional(),
          country: z.string().optional(),
          minute: zonedTime.optional(),
          hour: zonedTime.optional(),
          day: zonedTime.optional(),
          week: zonedTime.optional(),
          month: zonedTime.optional(),
          ...someMetrics,
        }),
      )
      .describe('Each has the keys of "by" and the metrics, and no others'),
    total: z.strictObject(someMetrics).describe('Of all rows, not only those of the page'),
    rows_in_all: count,
    receipts: z
      .strictObject({ click: receipt.optional(), impression: receipt.optional(), conversion: receipt.optional() })
      .describe('Of the kinds behind the metrics'),
    status: finality,
    complete_to: completeTo,
    snapshot: z.uuid().describe('Ask with it for other pages of the same state'),
  })
  .register(named, { id: 'Report' });

export const sessionsAnswer = z
  .strictObject({
    ad_id: z.string(),
    gap: z.int().min(1),
    total: countOrNull,
    users: countOrNull,
    clicks: countOrNull,
    mean_clicks: z.number().nullable(),
    mean_seconds: z.number().nullable(),
    sessions: z.array(z.strictObject({ user_id: z.string(), from: time, to: time, clicks: z.int().min(1) })),
    receipt,
  })
  .register(named, { id: 'Sessions', description: 'All sessions together (total, users, …), and a page of them' });

/** May have extension members: https://www.rfc-editor.org/rfc/rfc9457 */
export const problem = z
  .looseObject({
    type: z.string().regex(/^urn:clickledger:problem:/),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    request_id: z.string().describe('That of the header X-Request-Id; log lines about the request have it'),
  })
  .register(named, { id: 'Problem' });

/** Answers have every field of the row they are from, and no other. */
const run = z.strictObject({ date: day, ...batchRunFacts.shape }).register(named, { id: 'Run' });

export const runsAnswer = z.strictObject({ runs: z.array(run) }).register(named, { id: 'Runs' });

export const runRequest = z
  .strictObject({
    request: z.uuid(),
    from: day,
    to: day,
    action: requestedAction,
    reason: z.string(),
    requested_by: z.string(),
    runs: z.string().describe('Where its runs are listed'),
    progress: z.string().describe('Where it says how far it is'),
  })
  .register(named, { id: 'RunRequest' });

export const requestProgress = z
  .strictObject({
    request: z.uuid(),
    action: requestedAction,
    from: day.nullable(),
    to: day.nullable(),
    run: z.int().min(1).nullable().describe('That of a roll-back'),
    rejected_for: z.string().nullable().describe('The only reason of a re-drive; null: all'),
    reason: z.string(),
    requested_by: z.string(),
    request_id: z.string().nullable().describe('X-Request-Id of the request that asked; null: from an earlier release'),
    asked_at: time,
    state: requestState.describe('Of all kinds: failed if nothing came of a part of it'),
    kinds: z.array(
      z.strictObject({
        event: z.enum(EVENT_KINDS),
        state: requestState,
        day: day.nullable().describe('The day that is worked on'),
        step: z.string().nullable().describe('Its last step; "over" ends a day'),
        at: time.describe('When that was'),
        days_over: count,
        note: z.string().describe('In the end: what was done, or why not'),
      }),
    ),
    previews: z
      .array(
        z.strictObject({
          event: z.enum(EVENT_KINDS),
          ...preview.shape,
          ads: z.array(z.strictObject(adChange.shape)).describe('Those that change most, at most 100'),
        }),
      )
      .describe('What a preview has found, a day each'),
    redriven: z.strictObject(redriveResult.shape).nullable().describe('What a re-drive has done'),
  })
  .register(named, { id: 'RequestProgress' });

export const rejectedAnswer = z
  .strictObject({
    reasons: z.array(z.strictObject(reasonCount.shape)).describe('The most frequent first'),
    rejected: z.array(z.strictObject(rejectedEntry.shape)).describe('The latest, in the order they came'),
  })
  .register(named, { id: 'Rejected' });

const message = z.strictObject({ topic: z.string(), partition: count, offset: count }).nullable();
const traced = {
  event: z.enum(EVENT_KINDS).nullable(),
  stored: z.enum(['raw', 'copy', 'rejected']).describe('copy: one that real time has dropped'),
  ad_id: z.string().nullable(),
  time: time.nullable(),
  message,
  runs: z.array(z.strictObject({ date: day, run: z.int().min(1) })).describe('Runs that it arrived in time for'),
  counted: z.boolean().describe('Whether it is in the answer of now'),
};
const whyNot = z.string().describe('Why not: copy_in_window, copy_in_run, late, or the reason of a rejection');

export const traceAnswer = z
  .strictObject({
    event_id: z.string(),
    ...traced,
    reason: whyNot.optional(),
    line: z
      .strictObject({ host: z.string(), file: z.string().nullable(), byte: count })
      .nullable()
      .describe('null: a line that brought its id itself'),
    archive: z.strictObject({ file: z.string(), sha256: z.string() }).nullable().describe('null: no run has read it'),
    others: count.describe('Further copies of the event id'),
    copies: z
      .array(z.strictObject({ ...traced, reason: whyNot.nullable(), country: z.string().nullable(), arrived_at: time }))
      .describe('The first hundred, in the order they arrived'),
  })
  .register(named, { id: 'Trace', description: 'The first copy that is stored, and all of them' });

/** The answer to a deletion. */
export const nothing = z.undefined();

export const registeredFilter = z
  .strictObject({
    id: z.int().min(0),
    name: z.string(),
    where,
    revision: z.int().min(0),
    since: time.nullable(),
  })
  .register(named, { id: 'Filter' });
export const filtersAnswer = z.strictObject({ filters: z.array(registeredFilter) }).register(named, { id: 'Filters' });

const adText = z.string().min(1).nullable();
export const adsAnswer = z
  .strictObject({
    ads: z.array(
      z.strictObject({
        ad_id: z.string(),
        name: adText,
        campaign: adText,
        advertiser: adText,
        first: time.nullable().describe('The minute of its first event that is kept, of any kind; null: it has none'),
        last: time.nullable().describe('The minute of its last event'),
      }),
    ),
  })
  .register(named, { id: 'Ads', description: 'By the UTF-8 bytes of ids; names are those of now, null if not given' });

export const adNamesAnswer = z
  .strictObject({
    revision: z.int().min(0).describe('The last revision of names; 0: there is none yet'),
    entries: count.describe('Rows that were sent'),
    changed: count.describe('Those that said something new'),
  })
  .register(named, { id: 'AdNames' });

export const triedFilter = z
  .strictObject({
    minutes: z.int().min(1),
    from: time,
    to: time,
    clicks: count.describe('Those that match, as they came: copies may be among them'),
    of: count.describe('All clicks of these minutes'),
    ads: z.array(z.strictObject({ ad_id: z.string(), count })).describe('The ten ads with most of them'),
  })
  .register(named, { id: 'TriedFilter' });

export const reconciliationAnswer = z
  .strictObject({
    ...reconciliation.shape,
    rules: z.array(z.strictObject(conservationRule.shape)),
    worst_ads: z.array(z.strictObject(reconciledAd.shape)),
  })
  .register(named, { id: 'Reconciliation' });

export const statusAnswer = z
  .strictObject({
    watermark: time.nullable(),
    boundary: time.nullable(),
    freshness_seconds: z.number().nullable(),
    event_kinds: z.array(z.enum(EVENT_KINDS)).describe('The kinds that are run'),
    lag: z.record(z.string(), z.record(z.string(), z.int())).nullable().optional(),
    last_run: run.nullable().optional(),
  })
  .register(named, { id: 'Status', description: 'Advertisers are told neither lag nor last_run' });

export const health = z.strictObject({ status: z.enum(['ok', 'ready']) }).register(named, { id: 'Health' });
