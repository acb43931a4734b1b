import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { fileRejected } from '../../batch/nightly/file_rejected.ts';
import { count } from '../../domain/fields.ts';
import { TOPICS } from '../../domain/names.ts';
import { parsedJson } from '../../domain/parse.ts';
import { DAY_MS } from '../../domain/time.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { type Admin, connectProducer, createKafka, type Kafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import type { RejectedMessage } from '../../infra/rejected/files.ts';
import { readOffsets, unfiledOf } from '../../infra/rejected/topic.ts';
import { digest } from '../../ingest/redrive/digest.ts';
import { readRejectedMessages } from '../../ingest/redrive/topic.ts';
import { linesOf } from './files.ts';

/** `_base64` where the bytes are no text. */
const stored = z.object({
  at: count,
  key: z.string().nullable().exactOptional(),
  key_base64: z.string().exactOptional(),
  value: z.string().nullable().exactOptional(),
  value_base64: z.string().exactOptional(),
});

const bytesAs = (name: 'key' | 'value', bytes: Buffer | null) =>
  bytes === null || isUtf8(bytes)
    ? { [name]: bytes?.toString() ?? null }
    : { [`${name}_base64`]: bytes.toString('base64') };

export const lineOfMessage = ({ timeMs, key, value }: Omit<RejectedMessage, 'offset'>): string =>
  JSON.stringify({ at: timeMs, ...bytesAs('key', key), ...bytesAs('value', value) });

const bytesFrom = (text: string | null | undefined, base64: string | undefined): Buffer | null => {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return text === null || text === undefined ? null : Buffer.from(text);
};

export function messageOfLine(line: string, what: string) {
  const found = parsedJson(stored, line, what);
  const [key, value] = [bytesFrom(found.key, found.key_base64), bytesFrom(found.value, found.value_base64)];
  return { key, value, timestamp: String(found.at) };
}

const CHUNK = 500;

async function withKafka<T>(config: Config, log: Log, work: (engines: { kafka: Kafka; admin: Admin }) => Promise<T>) {
  const kafka = createKafka(engineUrls(config).kafka, 'clickledger-backup', log);
  const admin = kafka.admin();
  await admin.connect();
  return work({ kafka, admin }).finally(() => admin.disconnect());
}

/** What is in no file of the archive yet. */
export const readRejected = (config: Config, log: Log, take: (line: string) => Promise<void>): Promise<void> =>
  withKafka(config, log, async (engines) => {
    const unfiled = await unfiledOf(engines, TOPICS.rejected, config.archiveDir);
    await readOffsets(engines, TOPICS.rejected, unfiled, async (_, messages) => {
      for (const message of messages) await take(lineOfMessage(message));
    });
  });

/** Which message it is: a rejection that was sent again has the same key. One without a key is told by its content. */
const identityOf = ({ key, value }: { key: Buffer | null; value: Buffer | null }): string =>
  digest(key === null ? `value ${value?.toString('base64')}` : `key ${key.toString('base64')}`);

/**
 * Sends what neither topic nor archive has, unless it would have expired by now, and puts it into files of the archive: what
 * is older than the topic keeps, Kafka removes at once. Idempotent. Returns how many.
 */
export const sendRejected = (config: Config, log: Log, path: string, nowMs: number): Promise<number> =>
  withKafka(config, log, async (engines) => {
    const expiredMs = nowMs - config.rejectedDays * DAY_MS;
    const there = new Set<string>();
    const source = { ...engines, archiveDir: config.archiveDir };
    await readRejectedMessages(source, TOPICS.rejected, async (_, messages) => {
      for (const message of messages) there.add(identityOf(message));
    });
    const producer = await connectProducer(engines.kafka);
    let [chunk, sent]: [ReturnType<typeof messageOfLine>[], number] = [[], 0];
    const flush = async (): Promise<void> => {
      if (chunk.length > 0) await producer.send({ topic: TOPICS.rejected, messages: chunk });
      sent += chunk.length;
      chunk = [];
    };
    try {
      for await (const line of linesOf(path)) {
        const message = messageOfLine(line, path);
        const isNew = there.size < there.add(identityOf(message)).size;
        if (!isNew || Number(message.timestamp) < expiredMs) continue;
        chunk.push(message);
        if (chunk.length >= CHUNK) await flush();
      }
      await flush();
    } finally {
      await producer.disconnect();
    }
    if (sent > 0) await fileRejected({ ...source, register: openRegister(config), log }, TOPICS.rejected, nowMs);
    return sent;
  });
