import { EVENT_KINDS, PLURAL } from '../../domain/event_kinds.ts';
import type { Resent } from '../../ingest/resend.ts';
import type { LostLog } from '../restore/lost_logs.ts';

export const KAFKA_LOST =
  'Kafka is lost, or another one is there. Nothing is restored before it is back, or given up: with --new-kafka the platform goes on\n' +
  'with an empty one. What was counted and not archived is archived from ClickHouse then, and what only Kafka had is read again from the\n' +
  'logs of this machine; what these have no more is lost, and would be listed\n';

/** What came of going on with another Kafka, a line each. */
export function kafkaText(logs: readonly LostLog[], resent: Resent | null, lost: string | null): string {
  const rows = logs.reduce((sum, { gap }) => sum + (gap?.rows ?? 0), 0);
  const sent = EVENT_KINDS.flatMap((kind) =>
    (resent?.sent[kind] ?? 0) > 0 ? [`${resent?.sent[kind]} ${PLURAL[kind]}`] : [],
  );
  return [
    'Kafka was lost: the platform goes on with an empty one, its topics under new names\n',
    ...(rows > 0 ? [`  ${rows} events that were counted and not archived are archived from ClickHouse\n`] : []),
    ...(sent.length > 0 ? [`  read again from the logs: ${sent.join(', ')}\n`] : []),
    lost === null ? '  nothing was lost\n' : `  ${lost}\n`,
  ].join('');
}
