import { type Cut, missing } from '../../domain/cut.ts';
import { topicOf, topicPartition } from '../../domain/names.ts';
import { isRenamedTopic } from '../../domain/partition_names.ts';
import type { Register } from '../../infra/register/register.ts';
import { type Manifest, manifestsOf } from '../archive/files/manifest.ts';
import { chainEnds } from '../archive/totals.ts';
import { cutOf } from './cut.ts';
import { archivedBelow, ledgerDays, orderOf, rememberedSince } from './plan.ts';

/** Guesses for two cores with everything else on them, on the slow side: docs/decisions/0044-restore.md. */
const RAW_PER_SECOND = 100_000;
const RUN_CLICKS_PER_SECOND = 400_000;
const RUNS_PER_SECOND = 4;

/** What a restore of a kind would bring back. */
export interface RestoreSurvey {
  /** Before the sink counts on: days, their archived clicks, and messages that it counts again from Kafka. */
  first: { days: number; clicks: number };
  from_kafka: number | null;
  /** Runs of days that were ever published, and those that wait to be accepted. */
  runs: { days: number; runs: number; clicks: number };
  /** Raw clicks of days with a run. */
  later: { days: number; clicks: number };
  seconds_first: number;
  seconds: number;
  /** Offsets below the archive's first ones: of these there is nothing but runs. */
  never_archived: Cut;
}

interface Surveyed {
  archiveDir: string;
  register: Register;
  /** How far the sink had counted; null: Kafka does not say. */
  counted: Cut | null;
  dedupeWindowMs: number;
}

/** By archive, register and Kafka alone. */
export async function surveyRestore({
  archiveDir,
  register,
  counted,
  dedupeWindowMs,
}: Surveyed): Promise<RestoreSurvey> {
  const manifests = [...manifestsOf(archiveDir)];
  const cut = cutOf(chainEnds(archiveDir), counted ?? {});
  const ledger = await ledgerDays(register);
  const archived = archivedBelow(manifests, cut);
  const order = orderOf(archived, ledger, rememberedSince(archived, dedupeWindowMs));
  const of = (days: string[]) => ({
    days: days.length,
    clicks: days.reduce((sum, day) => sum + (archived.get(day)?.rows ?? 0), 0),
  });
  const runs = [...ledger.values()].flatMap((day) => day.runs);
  const [first, later] = [of(order.first), of(order.later)];
  const clicks = runs.reduce((sum, run) => sum + run.clicks, 0);
  const first_s = Math.ceil(first.clicks / RAW_PER_SECOND);
  const rest_s = later.clicks / RAW_PER_SECOND + clicks / RUN_CLICKS_PER_SECOND + runs.length / RUNS_PER_SECOND;
  return {
    first,
    from_kafka: counted === null ? null : missing(cut, counted),
    runs: { days: ledger.size, runs: runs.length, clicks },
    later,
    seconds_first: first_s,
    seconds: first_s + Math.ceil(rest_s),
    never_archived: beginsOf(manifests),
  };
}

/** Logs that go on under another name begin where the former one was left. */
function beginsOf(manifests: readonly Manifest[]): Cut {
  const begins: Cut = {};
  for (const { topic, partition, from } of manifests) begins[topicPartition(topic, partition)] ??= from;
  return Object.fromEntries(
    Object.entries(begins).filter(([name, from]) => from > 0 && !isRenamedTopic(topicOf(name))),
  );
}
