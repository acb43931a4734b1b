/** A message that was counted, as ClickHouse has it. */
interface StoredMessage {
  offset: number;
  arrivedMs: number;
}

interface Reads {
  /** A stored row of the messages `[from, to)`, near the middle; null: there is none. */
  storedNear(middle: number, from: number, to: number): Promise<StoredMessage | null>;
  /** When Kafka's message at this offset arrived. */
  arrivalInKafka(offset: number): Promise<number>;
}

/**
 * The first of Kafka's messages `[low, high)` that was not counted, of a log of which `[0, counted)` was: the log was cut
 * somewhere and written on, so that from one offset on it has other messages than were counted. Found by halving: about
 * twenty messages are read. Messages without a row, because they were rejected, are taken for new behind the last one
 * that is known: they are rejected once more.
 */
export async function firstUncounted(
  { low, high, counted }: { low: number; high: number; counted: number },
  { storedNear, arrivalInKafka }: Reads,
): Promise<number> {
  let [from, to] = [low, Math.max(low, Math.min(high, counted))];
  while (from < to) {
    const row = await storedNear(Math.floor((from + to) / 2), from, to);
    if (row === null) return from;
    if ((await arrivalInKafka(row.offset)) === row.arrivedMs) from = row.offset + 1;
    else to = row.offset;
  }
  return from;
}
