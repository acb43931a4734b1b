import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { Authority } from '../test/support/certificates.ts';
import { placesByTls, watchCertificates } from './certificates_metric.ts';

test('engines are looked at where they are reached by TLS', () => {
  const login = { username: 'u', password: 'p' };
  const hive = { ...login, transport: 'binary', httpPath: '', hosts: [{ host: 'h', port: 10_000 }] } as const;
  expect(
    placesByTls({
      kafka: { brokers: ['a:9093', '[::1]:9094'], tls: { ca: 'k' }, sasl: null },
      clickhouse: { url: 'https://c/', login: null, ca: 'c' },
      elasticsearch: { nodes: ['http://e:9200', 'https://[::2]:9201'], login: null },
      hive: { ...hive, hosts: [...hive.hosts], tls: {} },
    }),
  ).toEqual([
    { engine: 'kafka', host: 'a', port: 9_093, tls: { ca: 'k' } },
    { engine: 'kafka', host: '::1', port: 9_094, tls: { ca: 'k' } },
    { engine: 'clickhouse', host: 'c', port: 443, tls: { ca: 'c' } },
    { engine: 'elasticsearch', host: '::2', port: 9_201, tls: {} },
    { engine: 'hive', host: 'h', port: 10_000, tls: {} },
  ]);
  const kafka = { brokers: ['a:9092'], tls: null, sasl: null };
  expect(placesByTls({ kafka, clickhouse: { url: 'http://c:8123', login: null } })).toEqual([]);
});

test.each([2, -1])('the end of a certificate is shown, also where it is over (%d days)', async (days) => {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-certificates-'));
  const { cert, key } = new Authority(folder).sign('engine', { days });
  const [certText, keyText] = [readFileSync(cert, 'utf8'), readFileSync(key, 'utf8')];
  rmSync(folder, { recursive: true });
  const server = createServer({ cert: certText, key: keyText });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const metrics = new Registry();
  watchCertificates(metrics, {
    clickhouse: { url: `https://localhost:${port}`, login: null },
    // Nobody listens there.
    elasticsearch: { nodes: ['https://127.0.0.1:1'], login: null },
  });
  const seconds = Date.parse(new X509Certificate(certText).validTo) / 1_000;
  const shown = (await metrics.metrics()).split('\n').filter((line) => line.startsWith('clickledger_'));
  expect(shown).toEqual([
    `clickledger_certificate_expires_timestamp_seconds{engine="clickhouse",address="localhost:${port}"} ${seconds}`,
  ]);
});
