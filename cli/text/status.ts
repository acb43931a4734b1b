import type { Conservation } from '../../audit/rule.ts';
import type { Status } from '../../audit/status.ts';
import type { Warning } from '../../audit/warnings.ts';
import type { NightProgress } from '../../batch/nightly/progress.ts';
import { kindNote } from './kind.ts';
import { table } from './table.ts';

/** Human-readable output. */
export function statusText(status: Status): string {
  const { ready, freshness_seconds, watermark, boundary, conservation, warnings, hot_ads } = status;
  const others = warnings.filter(({ mend }) => mend === undefined);
  return [
    `${ready ? 'ready' : 'NOT READY'}   fresh to ${freshness_seconds ?? '?'} s   watermark ${watermark ?? '-'}   boundary ${boundary ?? '-'}`,
    ...(status.sample_traffic === null
      ? []
      : [`SAMPLE TRAFFIC is written to ${status.sample_traffic} and counted; DEMO_TRAFFIC=off npm start does without`]),
    ...(status.kinds_not_run === null ? [] : [status.kinds_not_run]),
    '',
    ...findings(warnings),
    ...alarm(conservation),
    table(
      ['process', 'pid', 'state'],
      status.processes.map(({ name, pid, state }) => [name, pid ?? '-', state]),
    ),
    table(
      ['engine', 'state', 'version', 'url'],
      status.engines.map(({ name, state, version, url }) => [name, state, version ?? '-', url]),
    ),
    ...reasons(status.engines),
    table(
      ['stage', 'in', 'out', 'rejected', 'duplicates', 'lag'],
      status.stages.map((stage) => {
        const lag = stage.lag_unit === 'bytes' ? `${stage.lag} bytes` : stage.lag;
        return [stage.name + kindNote(stage.event), stage.in, stage.out, stage.rejected, stage.duplicates, lag];
      }),
    ),
    table(
      ['conservation', 'left', 'right', ''],
      conservation.map(({ event, rule, left, right, ok }) => [
        rule + kindNote(event),
        left,
        right,
        ok ? 'ok' : 'BROKEN',
      ]),
    ),
    table(
      ['day', 'state', 'run', 'conflicts'],
      status.days.map(({ event, date, state, run, conflicts }) => [
        date + kindNote(event),
        state,
        run ?? '-',
        conflicts ?? '-',
      ]),
    ),
    ...status.nights.map((night) => nightLine(night, kindNote(night.event))),
    ...(status.nights.length > 0 ? [''] : []),
    ...some(
      others,
      ['warning', others.every(({ event = 'click' }) => event === 'click') ? 'clicks' : 'events', ''],
      others.map(({ event, warning, clicks, means }) => [
        warning + (event === undefined ? '' : kindNote(event)),
        clicks ?? '?',
        means,
      ]),
    ),
    ...some(
      hot_ads,
      ['hot ad', 'share'],
      hot_ads.map(({ ad_id, share }) => [ad_id, share]),
    ),
  ]
    .map((part) => `${part}\n`)
    .join('');
}

/** Findings come first, with what to do. */
export function findings(warnings: Warning[]): string[] {
  const found = warnings.filter(({ mend }) => mend !== undefined);
  if (found.length === 0) return [];
  const lines = [`*** ${found.length === 1 ? 'A FINDING' : `${found.length} FINDINGS`}: answers may be wrong ***`];
  for (const { warning, means, mend, range, found_at } of found) {
    lines.push('', `  ${warning}: ${means}`);
    if (range) lines.push(`    clicks from ${range.from} to ${range.to}`);
    if (found_at !== undefined) lines.push(`    found at ${found_at}`);
    lines.push(`    what to do: ${mend}`);
  }
  return [...lines, ''];
}

/** Broken conservation rules come before everything else. */
export function alarm(conservation: Conservation[]): string[] {
  const broken = conservation.filter(({ ok }) => !ok);
  if (broken.length === 0) return [];
  const lines = [`*** CONSERVATION IS BROKEN: ${broken.length} of ${conservation.length} rules ***`];
  for (const { event, rule, left, right, broken: how } of broken) {
    lines.push(
      '',
      `  ${rule}${kindNote(event)}`,
      `    ${left} and ${right}${left === right ? '' : `: ${difference(left, right)}`}`,
    );
    for (const side of how?.first ?? []) {
      lines.push(`    ${side.what}: ${side.left} and ${side.right}, ${difference(side.left, side.right)}`);
    }
    const more = (how?.places ?? 0) - (how?.first.length ?? 0);
    if (more > 0) lines.push(`    and ${more} more places`);
    lines.push(`    what to do: ${how?.advice}`);
  }
  return [...lines, ''];
}

/** `night since 2021-01-02T02:00:00.000Z: 3 of 12 days published, at 2020-12-31 (counted)` */
export function nightLine({ started_at, days, published, failed, day, step }: NightProgress, of = ''): string {
  const head = `night${of} since ${started_at}:`;
  if (days === null) return `${head} ${step ?? 'waiting for the archive'}`;
  const done = `${published} of ${days} days published${failed > 0 ? `, ${failed} failed` : ''}`;
  return `${head} ${done}, at ${day} (${step ?? 'begun'})`;
}

const difference = (left: number, right: number): string =>
  right < left ? `${left - right} missing on the right` : `${right - left} too many on the right`;

/** Why engines are down, each in a line of its own, which is longer than a column. */
export function reasons(engines: Pick<Status['engines'][number], 'name' | 'reason'>[]): string[] {
  const lines = engines.flatMap(({ name, reason }) => (reason === null ? [] : [`  ${name}: ${reason}`]));
  return lines.length === 0 ? [] : [...lines, ''];
}

function some(items: unknown[], head: string[], body: (string | number)[][]): string[] {
  return items.length === 0 ? [] : [table(head, body)];
}
