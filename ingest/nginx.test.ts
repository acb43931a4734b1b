import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { EVENT_KINDS } from '../domain/event_kinds.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { IngestSite, untilTrue } from '../test/support/ingest_site.ts';
import { eventually } from '../test/support/wait.ts';

/** Lines of the log format in infra/nginx, written by a real nginx, as the log monitor reads them. */
const NGINX = '/usr/sbin/nginx';
const EVENTS_CONF = fileURLToPath(new URL('../infra/nginx/events.conf', import.meta.url));
/** infra/setup/apt-packages.sh installs it, also in CI. */
const isMissing = !existsSync(NGINX);

const confOf = (port: number, folder: string, log: string): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    include ${EVENTS_CONF};
    server {
        listen 127.0.0.1:${port};
        access_log off;
        location / { return 204; }
        location = /impression { access_log ${log} ad_impression; return 204; }
        location = /click { access_log ${log} ad_click; return 204; }
        location = /conversion { access_log ${log} ad_conversion; return 204; }
    }
}
`;

/** Ends with the test. */
async function startNginx(site: IngestSite): Promise<number> {
  const port = await freePort();
  const conf = join(site.dataDir, 'nginx.conf');
  writeFileSync(conf, confOf(port, site.dataDir, site.path('nginx.log')));
  const nginx = spawn(NGINX, ['-p', site.dataDir, '-c', conf, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => ended(nginx));
  let said = '';
  nginx.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await eventually('nginx listens', async () => {
    if (nginx.exitCode !== null) expect.fail(`nginx ended: ${said}`);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    return true;
  });
  return port;
}

async function ended(nginx: ChildProcess): Promise<void> {
  if (nginx.exitCode !== null || nginx.signalCode !== null) return;
  const exit = once(nginx, 'exit');
  nginx.kill('SIGTERM');
  await exit;
}

/** Byte for byte, as no well-behaved client would send it. */
async function request(port: number, path: string, headers: Record<string, string> = {}): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({ host: 'ads.example', connection: 'close', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(Buffer.from(`GET ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'));
  return text(socket);
}

/** The bytes of a text as UTF-8, to be sent as they are. */
const bytesOf = (utf8: string): string => Buffer.from(utf8).toString('latin1');
const click = (more: Record<string, string> = {}): string => {
  const fields = Object.entries({ ad: 'ad001', user: 'u1', country: 'USA', ...more });
  return `/click?${fields.map(([name, value]) => `${name}=${value}`).join('&')}`;
};

/** Sends requests and returns what the monitor makes of nginx's log. */
async function readBy(requests: [path: string, headers?: Record<string, string>][], lines: number) {
  const site = new IngestSite({ kinds: [...EVENT_KINDS], canAnnotate: () => true });
  const port = await startNginx(site);
  const beforeMs = Date.now();
  for (const [path, headers] of requests) expect(await request(port, path, headers)).toMatch(/^HTTP\/1.1 204/);
  const monitor = await site.start();
  await untilTrue(() => expect(site.clicks.length + site.rejected.length).toBe(lines));
  await monitor.stop();
  return { ...site, site, beforeMs };
}

test.skipIf(isMissing)('each request for an event is one event, and others are none', async () => {
  const requests: [string][] = EVENT_KINDS.map((kind) => [click({ user: kind }).replace('click', kind)]);
  const { clicks, rejected, site, beforeMs } = await readBy(
    [...requests, [click()], [click()], ['/other?ad=ad001']],
    5,
  );
  expect(rejected).toEqual([]);
  expect(Object.fromEntries(clicks.map(({ user_id, topic }) => [user_id, topic]))).toEqual({
    click: 'clicks',
    impression: 'impressions',
    conversion: 'conversions',
    u1: 'clicks',
  });
  expect(site.distinctIds).toBe(5);
  for (const { event_id, ip, country, click_timestamp } of clicks) {
    expect([ip, country]).toEqual(['127.0.0.1', 'USA']);
    expect(event_id).toMatch(/^[0-9a-f]{32}$/);
    // Its clock is looked at once for all that is ready to be done.
    expect(click_timestamp).toBeGreaterThanOrEqual(beforeMs - 1_000);
    expect(click_timestamp).toBeLessThanOrEqual(Date.now());
  }
});

test.skipIf(isMissing)('the time of an event is in milliseconds', async () => {
  const { clicks } = await readBy(
    Array.from({ length: 40 }, () => [click()] as [string]),
    40,
  );
  expect(new Set(clicks.map(({ click_timestamp }) => click_timestamp % 1_000)).size).toBeGreaterThan(1);
});

test.skipIf(isMissing)('whatever the values, each event is counted, with what was sent of it', async () => {
  const { clicks, rejected } = await readBy(
    [
      [
        click({ user: 'quotes', ad: '"a\\"', impression: 'i-1' }),
        { 'user-agent': '"x" \\ y', referer: 'https://a.example/?b="c"' },
      ],
      [click({ user: bytesOf('Зоя-広'), ad: bytesOf('広告') }), { 'user-agent': bytesOf('Bröwser 😀') }],
      [click({ user: 'latin' }), { 'user-agent': 'Br\xf6wser', referer: '\xff' }],
      [click({ user: 'tab', country: 'usa' }), { 'user-agent': 'a\tb' }],
      [click({ user: 'percent', ad: 'a%20b' })],
      [click({ user: 'long' }), { 'user-agent': 'x'.repeat(2_000), referer: 'r' }],
      [click({ user: 'bought', click: 'c-1', value: '1.50', currency: 'EUR' }).replace('click', 'conversion')],
    ],
    7,
  );
  expect(rejected).toEqual([]);
  const byUser = Object.fromEntries(clicks.map((event) => [event.user_id, event]));
  expect(byUser.quotes?.ad_id).toBe('"a\\"');
  expect(byUser.quotes?.annotations).toEqual({
    ua: '"x" \\ y',
    referrer: 'https://a.example/?b="c"',
    impression_id: 'i-1',
  });
  expect(byUser['Зоя-広']).toMatchObject({ ad_id: '広告', annotations: { ua: 'Bröwser 😀', referrer: '' } });
  expect(byUser.latin?.annotations).toEqual({ ua: '', referrer: '', impression_id: '' });
  expect(byUser.tab).toMatchObject({ country: 'USA', annotations: { ua: '' } });
  expect(byUser.percent?.ad_id).toBe('a%20b');
  // Longer than annotations may be.
  expect(byUser.long?.annotations).toEqual({ referrer: 'r', impression_id: '' });
  expect(byUser.bought).toMatchObject({ topic: 'conversions' });
  expect(byUser.bought?.annotations).toEqual({ click_id: 'c-1', value: '1.50', currency: 'EUR' });
});

test.skipIf(isMissing)('what is no event is rejected with its reason, and does not stop what follows', async () => {
  const { clicks, rejected } = await readBy(
    [
      ['/click'],
      [click({ ad: '' })],
      [click({ user: '' })],
      [click({ country: 'Germany' })],
      [click({ user: 'x'.repeat(128) })],
      [click({ ad: 'a\xff' })],
      [click({ user: 'last' })],
    ],
    7,
  );
  expect(rejected.map(({ reason }) => reason)).toEqual([
    'bad_ad_id',
    'bad_ad_id',
    'bad_user_id',
    'bad_country',
    'bad_user_id',
    'not_utf8',
  ]);
  expect(clicks.map(({ user_id }) => user_id)).toEqual(['last']);
});
