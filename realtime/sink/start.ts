import { CLICKHOUSE_OLDER, type PartitionProblem, toContinue } from '../../infra/register/partition_findings.ts';
import type { Progress } from './intent.ts';

const PUT_BACK =
  'put the right one back; if it is lost, "./clickledger restore --discard-clickhouse" empties this one and brings back what the right one had';

/** What a partition's next owner finds. */
interface Found {
  /** The end of the log in Kafka. */
  end: number;
  /** The highest offset in ClickHouse, -1: none. */
  stored: number;
  /** Whether raw rows of the last counted messages cannot have been dropped. */
  isRawKept: boolean;
}

/** Why a partition cannot be counted on from what its last owner committed; null: it can. */
export function judgeStart(
  { name, groupId }: { name: string; groupId: string },
  progress: Progress,
  { end, stored, isRawKept }: Found,
): PartitionProblem | null {
  const { offset, pending } = progress;
  const reached = pending ?? offset;
  if (stored >= reached) {
    const what =
      `ClickHouse holds offset ${stored} of ${name}, beyond what group ${groupId} has committed (${offset}): ` +
      'the group or the topic was reset, and counting on would double clicks';
    return { code: 'group_reset', what, mend: toContinue(name) };
  }
  if (end < reached) {
    const what = `${name} ends at offset ${end} in Kafka, and messages ${end} to ${reached - 1} were read: they are gone there`;
    return { code: 'log_cut', what, mend: toContinue(name) };
  }
  if (isRawKept && progress.stored !== null && stored < progress.stored) {
    const holds = stored < 0 ? 'nothing' : `nothing above offset ${stored}`;
    const what =
      `ClickHouse holds ${holds} of ${name}, and offset ${progress.stored} was stored there: ` +
      'it is another ClickHouse, or an older copy';
    return { code: CLICKHOUSE_OLDER, what, mend: PUT_BACK };
  }
  return null;
}
