import { LazyMessage } from './lazy_message.ts';

interface Fetched {
  fetchedOffset: string | number;
  messages: readonly unknown[];
  abortedTransactions: readonly unknown[] | null;
}

/**
 * The messages of a partition from the offset on that was asked for. kafkajs compares each offset as a big integer and
 * looks for aborted transactions; here they are in order, and nobody writes in transactions. null: not so here.
 */
export function selectMessages({ fetchedOffset, messages, abortedTransactions }: Fetched): LazyMessage[] | null {
  const isPlain =
    (abortedTransactions ?? []).length === 0 &&
    messages.every((message) => message instanceof LazyMessage && !message.isControlRecord);
  if (!isPlain) return null;
  const plain = messages as LazyMessage[];
  const from = plain.findIndex(({ offsetNumber }) => offsetNumber >= Number(fetchedOffset));
  if (from === 0) return plain;
  return from < 0 ? [] : plain.slice(from);
}
