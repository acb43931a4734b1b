import { Counter, type Registry } from 'prom-client';
import { NewerVersionError } from '../../domain/message_version.ts';
import { ParseError } from '../../domain/parse.ts';
import { iso } from '../../domain/time.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { Log } from '../../infra/log.ts';
import {
  NONE_SET_ASIDE,
  SET_ASIDE_ID,
  type SetAsideDoc,
  type SetAsideMessage,
  setAsideDoc,
} from '../documents/set_aside.ts';
import { updateStateDoc } from '../documents/state.ts';

const MOST_MESSAGES = 20;
const MOST_BYTES = 16 * 1024;

interface RawMessage {
  offset: string;
  value: Buffer | null;
}

interface Unreadable {
  offset: number;
  value: Buffer | null;
  reason: string;
}

/**
 * The decoded messages, and those that cannot be decoded, each in their order. Throws if one is of a later release: it
 * is neither.
 */
export function readMessages<Message>(
  messages: readonly RawMessage[],
  decode: (value: Buffer | null) => Message,
): { readable: Message[]; unreadable: Unreadable[] } {
  const readable: Message[] = [];
  const unreadable: Unreadable[] = [];
  for (const { offset, value } of messages) {
    try {
      readable.push(decode(value));
    } catch (error) {
      if (error instanceof NewerVersionError) throw new NewerVersionError(`offset ${offset}: ${error.message}`);
      if (!(error instanceof ParseError)) throw error;
      unreadable.push({ offset: Number(offset), value, reason: error.message });
    }
  }
  return { readable, unreadable };
}

/** Adds messages, except those that are recorded already because their batch was repeated. */
export function withSetAside(doc: SetAsideDoc, found: SetAsideMessage[]): SetAsideDoc {
  const isKnown = (one: SetAsideMessage): boolean =>
    doc.messages.some(
      ({ topic, partition, offset }) => topic === one.topic && partition === one.partition && offset === one.offset,
    );
  const fresh = found.filter((one) => !isKnown(one));
  if (fresh.length === 0) return doc;
  return { total: doc.total + fresh.length, messages: [...doc.messages, ...fresh].slice(0, MOST_MESSAGES) };
}

/** Records and reports messages that cannot be decoded; when it returns, they are durable. */
export type SetAside = (topic: string, partition: number, unreadable: Unreadable[]) => Promise<void>;

interface SetAsideDeps {
  elasticsearch: ElasticsearchClient;
  stateIndex: string;
  log: Log;
  metrics: Registry;
}

export function createSetAside({ elasticsearch, stateIndex, log, metrics }: SetAsideDeps): SetAside {
  const setAsideTotal = new Counter({
    name: 'clickledger_indexer_set_aside_total',
    help: 'Messages of the second queue that could not be read; above 0 somebody has to look',
    labelNames: ['topic'],
    registers: [metrics],
  });
  return async (topic, partition, unreadable) => {
    const set_aside_at = iso(Date.now());
    const messages = unreadable.map(({ offset, value, reason }) => {
      const bytes = value?.subarray(0, MOST_BYTES).toString('base64') ?? '';
      return { topic, partition, offset, reason, set_aside_at, size: value?.length ?? 0, bytes };
    });
    await updateStateDoc(elasticsearch, setAsideDoc, stateIndex, SET_ASIDE_ID, (doc) => {
      return withSetAside(doc ?? NONE_SET_ASIDE, messages);
    });
    for (const { offset, reason } of unreadable) {
      const what =
        `the message at offset ${offset} of ${topic}, partition ${partition}, cannot be read and was set aside: answers ` +
        'come from ClickHouse until it is settled; see "./clickledger set-aside"';
      log.error({ topic, partition, offset, reason }, what);
      setAsideTotal.inc({ topic });
    }
  };
}
