import { PLURAL } from '../../../domain/event_kinds.ts';
import type { Receipt, ReceiptWarning } from '../../../domain/receipt.ts';
import { iso } from '../../../domain/time.ts';
import { type Finding, openFindings } from '../../../infra/register/findings.ts';
import { REGISTER_UNREADABLE } from '../../../infra/register/findings_metric.ts';
import type { Register } from '../../../infra/register/register.ts';
import { firstDayBefore, splitAtFirstRun } from '../../planner/not_run.ts';
import type { Range } from '../../planner/ranges.ts';
import { cachedRead } from '../stores/cached_read.ts';
import type { Stores } from '../stores/engines.ts';

/** What is known to be wrong now; null: the register does not answer. */
export type ReadFindings = () => Promise<Finding[] | null>;

/** A new finding is in receipts after this time. */
const MAX_AGE_MS = 1_000;

export const createFindingsReader = (register: Register): ReadFindings =>
  cachedRead(MAX_AGE_MS, () => openFindings(register).catch(() => null));

/** The findings about clicks of the range. */
export function warningsOf(found: Finding[] | null, { fromMs, toMs }: Range): ReceiptWarning[] {
  if (found === null) {
    const means = 'the register, which lists what is known to be missing or in doubt, does not answer';
    return [{ warning: REGISTER_UNREADABLE, means, from: null, to: null }];
  }
  return found
    .filter(({ range, is_operational }) => {
      if (is_operational) return false;
      return range === null || (Date.parse(range.from) < toMs && Date.parse(range.to) > fromMs);
    })
    .map(({ code, what, range }) => ({ warning: code, means: what, from: range?.from ?? null, to: range?.to ?? null }));
}

type Kind = Pick<Stores, 'event' | 'firstRunMs'>;

/** That the kind of event was not run all the time. */
export function kindWarnings({ event, firstRunMs }: Kind, range: Range): ReceiptWarning[] {
  if (firstRunMs === null) return [];
  const first = `${PLURAL[event]} were first run at ${iso(firstRunMs)}`;
  const { notRun } = splitAtFirstRun(range, firstRunMs);
  const onFirstDay = firstDayBefore(range, firstRunMs);
  const [before, partly] = [
    `${first}: those of earlier days are not counted`,
    `${first}: what was read earlier is not counted`,
  ];
  return [
    ...(notRun === null ? [] : [{ warning: 'not_run', means: before, ...times(notRun) }]),
    ...(onFirstDay === null ? [] : [{ warning: 'not_run_all_day', means: partly, ...times(onFirstDay) }]),
  ];
}

const times = ({ fromMs, toMs }: Range) => ({ from: iso(fromMs), to: iso(toMs) });

/** The answer with the warnings of its range in its receipt; they are read last, so that none is missed meanwhile. */
export async function withWarnings<Answer extends { receipt: Receipt }>(
  answer: Answer,
  range: Range,
  { stores, readFindings }: { stores: Kind; readFindings: ReadFindings },
): Promise<Answer> {
  const warnings = [...kindWarnings(stores, range), ...warningsOf(await readFindings(), range)];
  return warnings.length === 0 ? answer : { ...answer, receipt: { ...answer.receipt, warnings } };
}
