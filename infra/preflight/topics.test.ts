import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../domain/time.ts';
import type { Admin } from '../clients/kafka.ts';
import { createLog } from '../log.ts';
import { fileRegister } from '../register/file_register.ts';
import { openFindings } from '../register/findings.ts';
import type { Register } from '../register/register.ts';
import { checkTopics } from './topics.ts';

let folder = '';
let register: Register;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'preflight-topics-'));
  register = fileRegister(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const NOON = Date.parse('2026-01-10T12:00:00.000Z');
const log = createLog('preflight-test');
log.level = 'silent';

/** A broker's topic `clicks`. */
function broker(settings: Record<string, string> | null, partitions = 4): Admin {
  const right = { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete', 'retention.ms': '-1' };
  const entries = Object.entries({ ...right, ...settings });
  return {
    listTopics: async () => ['clicks', 'other'],
    fetchTopicMetadata: async () => ({ topics: [{ name: 'clicks', partitions: Array.from({ length: partitions }) }] }),
    describeConfigs: async () => {
      if (settings === null) throw Object.assign(new Error('refused'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
      const configEntries = entries.map(([configName, configValue]) => ({ configName, configValue }));
      return { resources: [{ resourceName: 'clicks', configEntries }] };
    },
  } as unknown as Admin;
}

const dedupeWindowMs = { click: 10 * MINUTE_MS, impression: 10 * MINUTE_MS, conversion: 10 * MINUTE_MS };
const check = (admin: Admin, nowMs = NOON) => {
  const topics = { topics: ['clicks'], clicksTopics: ['clicks'] };
  return checkTopics(admin, { register, brokers: ['b:1'], ...topics, dedupeWindowMs, log }, nowMs);
};
const codes = async () => (await openFindings(register)).map(({ code }) => code);

test('a topic that loses clicks is refused and a finding, until it is right again', async () => {
  await check(broker({}));
  await expect(check(broker({ 'cleanup.policy': 'compact' }))).rejects.toThrow(
    /^topic clicks: cleanup\.policy is compact/,
  );
  expect(await codes()).toEqual(['topic_settings']);
  await check(broker({}));
  expect(await codes()).toEqual([]);
});

test('a short retention is a finding for operators, and no refusal', async () => {
  await check(broker({ 'retention.ms': '60000' }));
  expect(await openFindings(register)).toMatchObject([{ code: 'topic_settings', is_operational: true }]);
});

test('without the right to read settings the number of partitions is still compared', async () => {
  await check(broker({ 'cleanup.policy': 'delete' }));
  await check(broker(null));
  expect(await codes()).toEqual([]);
  await expect(check(broker(null, 3))).rejects.toThrow(/partitions is 3, must be at least 4, as on record/);
});

test('a topic that has grown is a finding about the day, until its run has counted the clicks', async () => {
  await check(broker({}, 4));
  await check(broker({}, 6));
  expect(await openFindings(register)).toMatchObject([
    { code: 'topic_has_grown', range: { from: '2026-01-10T00:00:00.000Z', to: '2026-01-11T00:00:00.000Z' } },
  ]);
  await check(broker({}, 6), NOON + DAY_MS);
  expect(await codes()).toEqual(['topic_has_grown']);
  await check(broker({}, 6), NOON + 2 * DAY_MS);
  expect(await codes()).toEqual([]);
  await expect(check(broker({}, 4))).rejects.toThrow(/partitions is 4, must be at least 6/);
});

test.each([
  ['that is not there', 'UNKNOWN_TOPIC_OR_PARTITION', /no topic clicks yet/],
  ['that this user may not see is no missing one', 'TOPIC_AUTHORIZATION_FAILED', /^TOPIC_AUTHORIZATION_FAILED$/],
])('a topic %s', async (_, type, message) => {
  const fetchTopicMetadata = () => Promise.reject(Object.assign(new Error(type), { type }));
  const without = { listTopics: async () => ['other'], fetchTopicMetadata } as unknown as Admin;
  await expect(check(without)).rejects.toThrow(message);
});
