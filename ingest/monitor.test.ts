import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clickOf, IngestSite, sentOnce, untilTrue, users } from '../test/support/ingest_site.ts';
import { eventually } from '../test/support/wait.ts';
import { ingestTotals, noLines } from './checkpoint.ts';

const LINE_BYTES = clickOf('user 1').length + 1;

describe('a log that is appended to', () => {
  test('is read line by line, also when it or its folder appears later', async () => {
    const site = new IngestSite();
    rmSync(site.path(''), { recursive: true });
    const monitor = await site.start();
    mkdirSync(site.path(''));
    site.append('a.log', 'user 1');
    await sentOnce(site, ['user 1']);
    site.append('b.log', 'user 2', 'user 3');
    await sentOnce(site, ['user 1', 'user 2', 'user 3']);
    await monitor.stop();
  });

  test('yields a line once its end is written, not before', async () => {
    const site = new IngestSite();
    const monitor = await site.start(0);
    const line = clickOf('user 2');
    site.append('a.log', 'user 1');
    appendFileSync(site.path('a.log'), line.slice(0, -2));
    await sentOnce(site, ['user 1']);
    site.append('b.log', 'user 3');
    await sentOnce(site, ['user 1', 'user 3']);
    appendFileSync(site.path('a.log'), `${line.slice(-2)}\n`);
    await sentOnce(site, ['user 1', 'user 2', 'user 3']);
    await monitor.stop();
  });

  test('may be larger than one batch', async () => {
    const site = new IngestSite();
    const expected = users(0, 25_000);
    site.append('a.log', ...expected);
    site.append('b.log', 'user b');
    const monitor = await site.start();
    await sentOnce(site, [...expected, 'user b']);
    expect(site.users.indexOf('user b')).toBeLessThan(10_000);
    await monitor.stop();
  });

  test('is read on, however the clock of the host is set meanwhile', async () => {
    const site = new IngestSite();
    const host = Date.now;
    const monitor = await site.start();
    try {
      // Set back after it was an hour ahead, and then once more.
      for (const [n, aheadMs] of [3_600_000, 0, -3_600_000].entries()) {
        Date.now = () => host() + aheadMs;
        site.append('a.log', `user ${n}`);
        await eventually('the line is sent', async () => site.users.length === n + 1, 10_000);
      }
    } finally {
      Date.now = host;
      await monitor.stop();
    }
    await sentOnce(site, ['user 0', 'user 1', 'user 2']);
  });

  test('counts two equal lines as two', async () => {
    const site = new IngestSite();
    site.append('a.log', 'user 1', 'user 1');
    const monitor = await site.start();
    await sentOnce(site, ['user 1', 'user 1']);
    await monitor.stop();
  });
});

describe('invalid lines', () => {
  test('are kept whole, with their reason and position', async () => {
    const site = new IngestSite();
    const latin1 = Buffer.from([0x5b, 0x41, 0xe9, 0x0a]);
    const lines = [
      `${clickOf('user 1')}\r\n`,
      '\n',
      'hello\n',
      `${clickOf('us\0er')}\n`,
      latin1,
      `${clickOf('zoë')}\n`,
    ];
    writeFileSync(site.path('a.log'), Buffer.concat(lines.map((line) => Buffer.from(line))));
    const monitor = await site.start();
    await sentOnce(site, ['user 1', 'zoë']);
    const place = { host: 'host', file: site.path('a.log') };
    const nul = clickOf('us\0er');
    expect(site.rejected).toMatchObject([
      { ...place, reason: 'not_a_click', line: '', offset: LINE_BYTES + 1 },
      { ...place, reason: 'not_a_click', line: 'hello', offset: LINE_BYTES + 2 },
      { ...place, reason: 'nul_byte', line: nul, offset: LINE_BYTES + 8 },
      {
        ...place,
        reason: 'not_utf8',
        line_base64: latin1.subarray(0, 3).toString('base64'),
        offset: LINE_BYTES + 8 + nul.length + 1,
      },
    ]);
    await monitor.stop();
    expect(ingestTotals(site.dataDir)).toEqual({ ...noLines(), lines: 6, clicks: 2, rejected: 4 });
  });

  test.each([
    ['just too long', 64 * 1024 + 1],
    ['longer than one read', 10 * 1024 * 1024],
  ])('are truncated when they are %s', async (_, length) => {
    const site = new IngestSite();
    site.append('a.log', 'user 1');
    appendFileSync(site.path('a.log'), `${'x'.repeat(length)}\n`);
    site.append('a.log', 'user 2');
    const monitor = await site.start();
    await sentOnce(site, ['user 1', 'user 2']);
    expect(site.rejected).toMatchObject([{ reason: 'line_too_long', line_bytes: length, offset: LINE_BYTES }]);
    expect(site.rejected[0]?.line).toBe('x'.repeat(16 * 1024));
    await monitor.stop();
  });

  test('of up to 64 KiB are kept whole', async () => {
    const site = new IngestSite();
    writeFileSync(site.path('a.log'), `${'x'.repeat(64 * 1024)}\n`);
    const monitor = await site.start();
    await untilTrue(() => expect(site.rejected).toHaveLength(1));
    expect(site.rejected[0]).toMatchObject({ reason: 'not_a_click', line: 'x'.repeat(64 * 1024) });
    await monitor.stop();
  });

  test('that grow for ever do not hold up other files', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    for (let part = 0; part < 5; part++) {
      appendFileSync(site.path('a.log'), 'x'.repeat(1024 * 1024));
      site.append('b.log', `user ${part}`);
      await sentOnce(site, users(0, part + 1));
    }
    appendFileSync(site.path('a.log'), `\n${clickOf('user 5')}\n`);
    await sentOnce(site, users(0, 6));
    expect(site.rejected).toMatchObject([{ reason: 'line_too_long', line_bytes: 5 * 1024 * 1024, offset: 0 }]);
    await monitor.stop();
  });
});

describe('a monitor that ends', () => {
  test('resumes where it was', async () => {
    const site = new IngestSite();
    site.append('a.log', 'user 1');
    const first = await site.start();
    await sentOnce(site, ['user 1']);
    await first.stop();
    site.append('a.log', 'user 2');
    const second = await site.start();
    await sentOnce(site, ['user 1', 'user 2']);
    await second.stop();
    expect(ingestTotals(site.dataDir)).toEqual({ ...noLines(), lines: 2, clicks: 2 });
  });

  test('without an acknowledgement is followed by one that sends the same ids', async () => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 100));
    site.acknowledges = false;
    const dropped = await site.start();
    // It may find that another one has the folder.
    dropped.ended.catch(() => undefined);
    await untilTrue(() => expect(site.clicks).toHaveLength(100));
    expect(ingestTotals(site.dataDir).lines).toBe(0);
    site.acknowledges = true;
    const second = await site.start();
    await untilTrue(() => expect(site.clicks).toHaveLength(200));
    expect(site.distinctIds).toBe(100);
    await second.stop();
    expect(ingestTotals(site.dataDir)).toEqual({ ...noLines(), lines: 100, clicks: 100 });
    await dropped.stop().catch(() => undefined);
  });

  test('is followed by one of another region, which resends to the old topic and sends new files to its own', async () => {
    const site = new IngestSite();
    const clicksTo = (topic: string) => site.clicks.filter((click) => click.topic === topic);
    site.append('a.log', ...users(0, 100));
    site.acknowledges = false;
    const dropped = await site.start();
    // It may find that another one has the folder.
    dropped.ended.catch(() => undefined);
    await untilTrue(() => expect(site.clicks).toHaveLength(100));
    site.acknowledges = true;
    const second = await site.start(60_000, 'clicks.eu');
    site.append('a.log', ...users(100, 110));
    site.append('b.log', ...users(110, 120));
    await untilTrue(() => expect(site.clicks).toHaveLength(220));
    expect(clicksTo('clicks')).toHaveLength(210);
    expect(new Set(clicksTo('clicks').map(({ event_id }) => event_id)).size).toBe(110);
    expect(
      clicksTo('clicks.eu')
        .map(({ user_id }) => user_id)
        .toSorted(),
    ).toEqual(users(110, 120));
    renameSync(site.path('a.log'), site.path('a.log.1'));
    site.append('a.log.1', 'user 120');
    site.append('a.log', 'user 121');
    await untilTrue(() => expect(site.clicks).toHaveLength(222));
    expect(clicksTo('clicks').at(-1)?.user_id).toBe('user 120');
    expect(clicksTo('clicks.eu').at(-1)?.user_id).toBe('user 121');
    await second.stop();
    await dropped.stop().catch(() => undefined);
  });

  test('because its checkpoints cannot be written reports that', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    await site.stores[0]?.close();
    site.append('a.log', 'user 1');
    await expect(monitor.ended).rejects.toThrow('journal.jsonl is not open');
    expect(site.clicks).toEqual([]);
  });
});

test.skipIf(process.getuid?.() === 0)('a file without read permission is tried again', async () => {
  const site = new IngestSite();
  site.append('a.log', 'user 1');
  chmodSync(site.path('a.log'), 0o000);
  site.append('b.log', 'user 2');
  const monitor = await site.start();
  await sentOnce(site, ['user 2']);
  chmodSync(site.path('a.log'), 0o644);
  await sentOnce(site, ['user 1', 'user 2']);
  await monitor.stop();
});
