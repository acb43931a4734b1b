import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../infra/config.ts';
import { readConfig } from '../../infra/config.ts';
import { replaceStore } from '../../infra/preflight/stores.ts';
import { openRegister } from '../../infra/register/open.ts';
import { freePort } from '../../infra/supervisor/ports.ts';
import { isKafkaLost, judgeKafka } from './kafka.ts';

/** A platform that is stopped. */
let config: Config;
beforeEach(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-judge-'));
  config = readConfig({ DATA_DIR: dataDir, KAFKA_PORT: String(await freePort()) });
  await replaceStore(openRegister(config), 'kafka', 'ours', Date.now());
});
afterEach(() => rmSync(config.dataDir, { recursive: true }));

const judge = (isAsked: boolean) => judgeKafka(config, isAsked, () => {});
const begun = () => openRegister(config).list('restores/');

function formatted(id: string): void {
  const data = join(config.dataDir, 'engines', 'kafka', 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'meta.properties'), `#\nnode.id=1\ncluster.id=${id}\nversion=1\n`);
}

test('data that are gone are given up only if somebody asks for it', async () => {
  expect(await isKafkaLost(config)).toBe(true);
  const error = await judge(false).catch((error: Error) => error.message);
  expect(error).toContain(`the data of Kafka are gone from ${config.dataDir}/engines/kafka (cluster ours)`);
  expect(error).toContain('put the data back, and run "./clickledger restore" again');
  expect(error).toContain('if it is lost for good, "./clickledger restore --new-kafka" goes on with an empty one');
  expect(await judge(true)).toEqual({ lost: 'ours', wasAnswering: false });
  expect(await begun()).toEqual([]);
});

test('another one in the folder is named, with the one that was expected', async () => {
  formatted('theirs');
  await expect(judge(false)).rejects.toThrow(/is another cluster \(theirs\) than that of this platform \(ours\)/);
  expect(await judge(true)).toEqual({ lost: 'ours', wasAnswering: false });
  expect(await begun()).toEqual([]);
});

test('one that does not answer and is ours is not given up', async () => {
  formatted('ours');
  expect([await isKafkaLost(config), await judge(false), await judge(true)]).toEqual([false, null, null]);
});
