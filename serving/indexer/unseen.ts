import { Counter, type Registry } from 'prom-client';
import { topicPartition } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, iso } from '../../domain/time.ts';
import { UNSEEN_CODE, unseenFinding } from '../../domain/unseen.ts';
import type { Log } from '../../infra/log.ts';
import { type Finding, reportFinding } from '../../infra/register/findings.ts';
import type { Register } from '../../infra/register/register.ts';
import type { Unseen } from './reading.ts';

/** @param boundaryMs announced before them; null: none was */
export type OnUnseen = (topic: string, partition: number, unseen: Unseen, boundaryMs: number | null) => Promise<void>;

interface ReportDeps {
  register: Register;
  log: Log;
  metrics: Registry;
}

/** Says that messages were never seen: of minutes as a finding too, of top lists only in the log and as a metric. */
export function createUnseenReport({ register, log, metrics }: ReportDeps): { ofMinutes: OnUnseen; ofTops: OnUnseen } {
  const total = new Counter({
    name: 'clickledger_indexer_unseen_total',
    help: 'Times that messages of the second queue were found to have never been applied; answers come from ClickHouse',
    labelNames: ['topic', 'why'],
    registers: [metrics],
  });
  const ofTops: OnUnseen = async (topic, partition, unseen) => {
    total.inc({ topic, why: unseen.why });
    log.error({ topic, partition, ...unseen }, `${unseenText(topicPartition(topic, partition), unseen)}: passed over`);
  };
  return {
    ofTops,
    async ofMinutes(topic, partition, unseen, boundaryMs) {
      await ofTops(topic, partition, unseen, boundaryMs);
      const place = topicPartition(topic, partition);
      await reportFinding(register, unseenFinding(place), findingOf(place, unseen, boundaryMs ?? 0, Date.now()));
    },
  };
}

function findingOf(place: string, unseen: Unseen, boundaryMs: number, nowMs: number): Finding {
  const [from, today] = [dayOf(boundaryMs), dayOf(nowMs)];
  const to = dayOf(dayStartMs(today) + DAY_MS);
  const atOnce = `./clickledger rebuild --from ${from} --to ${today} --reason "back to Elasticsearch"`;
  return {
    code: UNSEEN_CODE,
    what: `${unseenText(place, unseen)}: real time before ${to} is answered from ClickHouse, which has all of it`,
    mend:
      'no count is wrong; it ends with the night that publishes these days' +
      (from < today ? `, or at once for ended ones: ${atOnce}` : ''),
    range: { from: iso(dayStartMs(from)), to: iso(dayStartMs(to)) },
    found_at: iso(nowMs),
  };
}

function unseenText(place: string, { why, from, to }: Unseen): string {
  const messages = `messages ${from} to ${to - 1} of ${place}`;
  if (why === 'gone') return `${messages} left the topic before the indexer had applied them`;
  if (why === 'forgotten') return `Elasticsearch is an older copy, without ${messages}, which had been applied`;
  return `offsets from ${from} on of ${place}, applied up to ${to}, were given out once more: its log lost its end or the topic was made anew`;
}
