import type { Conservation } from '../../audit/rule.ts';
import type { Status } from '../../audit/status.ts';
import type { NightProgress } from '../../batch/nightly/progress.ts';
import { table } from './table.ts';

/** Human-readable output. */
export function statusText(status: Status): string {
  const { ready, freshness_seconds, watermark, boundary, conservation, warnings, hot_ads } = status;
  return [
    `${ready ? 'ready' : 'NOT READY'}   fresh to ${freshness_seconds ?? '?'} s   watermark ${watermark ?? '-'}   boundary ${boundary ?? '-'}`,
    ...(status.sample_traffic === null
      ? []
      : [`SAMPLE TRAFFIC is written to ${status.sample_traffic} and counted; DEMO_TRAFFIC=off npm start does without`]),
    '',
    ...alarm(conservation),
    table(
      ['process', 'pid', 'state'],
      status.processes.map(({ name, pid, state }) => [name, pid ?? '-', state]),
    ),
    table(
      ['engine', 'state', 'version', 'url'],
      status.engines.map(({ name, state, version, url }) => [name, state, version ?? '-', url]),
    ),
    table(
      ['stage', 'in', 'out', 'rejected', 'duplicates', 'lag'],
      status.stages.map((stage) => {
        const lag = stage.lag_unit === 'bytes' ? `${stage.lag} bytes` : stage.lag;
        return [stage.name, stage.in, stage.out, stage.rejected, stage.duplicates, lag];
      }),
    ),
    table(
      ['conservation', 'left', 'right', ''],
      conservation.map(({ rule, left, right, ok }) => [rule, left, right, ok ? 'ok' : 'BROKEN']),
    ),
    table(
      ['day', 'state', 'run', 'conflicts'],
      status.days.map(({ date, state, run, conflicts }) => [date, state, run ?? '-', conflicts ?? '-']),
    ),
    ...(status.night ? [nightLine(status.night), ''] : []),
    ...some(
      warnings,
      ['warning', 'clicks', ''],
      warnings.map(({ warning, clicks, means }) => [warning, clicks ?? '?', means]),
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

/** Broken conservation rules come before everything else. */
export function alarm(conservation: Conservation[]): string[] {
  const broken = conservation.filter(({ ok }) => !ok);
  if (broken.length === 0) return [];
  const lines = [`*** CONSERVATION IS BROKEN: ${broken.length} of ${conservation.length} rules ***`];
  for (const { rule, left, right, broken: how } of broken) {
    lines.push('', `  ${rule}`, `    ${left} and ${right}${left === right ? '' : `: ${difference(left, right)}`}`);
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
export function nightLine({ started_at, days, published, failed, day, step }: NightProgress): string {
  const head = `night since ${started_at}:`;
  if (days === null) return `${head} ${step ?? 'waiting for the archive'}`;
  const done = `${published} of ${days} days published${failed > 0 ? `, ${failed} failed` : ''}`;
  return `${head} ${done}, at ${day} (${step ?? 'begun'})`;
}

const difference = (left: number, right: number): string =>
  right < left ? `${left - right} missing on the right` : `${right - left} too many on the right`;

function some(items: unknown[], head: string[], body: (string | number)[][]): string[] {
  return items.length === 0 ? [] : [table(head, body)];
}
