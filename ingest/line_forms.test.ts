import { appendFileSync, closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clickOf, IngestSite, sentOnce, untilTrue, users } from '../test/support/ingest_site.ts';
import { ingestTotals, noLines } from './checkpoint.ts';
import { parseBytes } from './lines.ts';

const MARK = '\uFEFF';
const line = (user: string): string => `${clickOf(user)}\n`;
const json = (user: string): string =>
  `${JSON.stringify({ event: 'click', ad_id: 'ad1', time: '2021-01-01 00:00:01', user_id: user, ip: '::1', country: 'USA' })}\n`;

/** A site with one log of these bytes, read whole. */
async function read(bytes: string | Buffer, expected: string[], rejected: object[]): Promise<IngestSite> {
  const site = new IngestSite();
  writeFileSync(site.path('a.log'), bytes);
  const monitor = await site.start();
  await sentOnce(site, expected);
  await untilTrue(() => expect(site.rejected).toMatchObject(rejected));
  await untilTrue(() => expect(ingestTotals(site.dataDir).lines).toBe(expected.length + rejected.length));
  await monitor.stop();
  expect(ingestTotals(site.dataDir)).toEqual({
    ...noLines(),
    lines: expected.length + rejected.length,
    clicks: expected.length,
    rejected: rejected.length,
  });
  return site;
}

describe('a byte order mark', () => {
  test('before the first line, text or JSON, and where files were put together', async () => {
    await read(`${MARK}${line('user 1')}${line('user 2')}${MARK}${json('user 3')}`, users(1, 4), []);
  });

  test('alone, or twice, is no event', async () => {
    await read(
      `${MARK}\n${MARK}${MARK}${line('user 1')}${line('user 2')}`,
      ['user 2'],
      [{ reason: 'not_a_click', line: MARK }, { reason: 'not_a_click' }],
    );
  });

  test('in a line that an earlier release rejected is passed over when it is sent again', () => {
    expect(parseBytes(Buffer.from(`${MARK}${clickOf('user 1')}`), 'here', Date.now())).toMatchObject({ ok: true });
  });
});

describe('encodings', () => {
  test.each(['le', 'be'])('UTF-16%s: each line is rejected once, with its bytes', async (order) => {
    const text = Buffer.from(`${MARK}${line('user 1')}${line('user 2')}`, 'utf16le');
    const bytes = Buffer.concat([
      order === 'le' ? text : text.swap16(),
      Buffer.from('\n'),
      Buffer.from(line('user 3')),
    ]);
    await read(
      bytes,
      ['user 3'],
      [{ reason: 'not_utf8' }, { reason: 'nul_byte' }, { reason: order === 'le' ? 'nul_byte' : 'not_a_click' }],
    );
  });

  test('Latin-1: rejected, as base64', async () => {
    const bytes = Buffer.from(clickOf('zoë'), 'latin1');
    await read(
      Buffer.concat([bytes, Buffer.from(`\n${line('user 1')}`)]),
      ['user 1'],
      [{ reason: 'not_utf8', line_base64: bytes.toString('base64') }],
    );
  });
});

describe('line ends', () => {
  test('CR LF, also mixed with LF, as text and JSON', async () => {
    await read(`${clickOf('user 1')}\r\n${line('user 2')}${json('user 3').trim()}\r\n`, users(1, 4), []);
  });

  test('CR alone ends no line: what stands between two LF is one line', async () => {
    const old = `${clickOf('user 1')}\r${clickOf('user 2')}`;
    await read(`${old}\n${line('user 3')}`, ['user 3'], [{ reason: 'bad_country', line: old }]);
  });
});

describe('NUL bytes', () => {
  const half = clickOf('lost').slice(0, 30);

  test.each([
    ['before a line', '', 10],
    ['behind half a line', half, 3000],
    ['longer than a line may be', '', 200_000],
    ['longer than a read', half, 1_000_000],
  ])('that a power cut left %s: the line behind them counts, they are rejected', async (_, before, length) => {
    const filler = before.length + length;
    const bytes = `${line('user 1')}${before}${'\0'.repeat(length)}${line('user 2')}${line('user 3')}`;
    const site = await read(bytes, users(1, 4), [{ reason: 'nul_byte', offset: line('user 1').length }]);
    const [{ line: kept, line_bytes } = { line: '' }] = site.rejected as { line: string; line_bytes?: number }[];
    expect(line_bytes ?? kept.length).toBe(filler);
    expect(kept).toMatch(new RegExp(`^${before.replace('[', '\\[').replace(']', '\\]')}\0+$`));
    // Another start under the same ids.
    expect(site.clicks.map(({ event_id }) => event_id.split(':')[2]).sort()).toContain(
      String(line('user 1').length + filler),
    );
  });

  test('within a line that is no event, and to the end of a line', async () => {
    const lines = [clickOf('us\0er'), '\0\0\0', `${half}\0\0`];
    await read(
      `${lines.join('\n')}\n${line('user 1')}`,
      ['user 1'],
      lines.map((kept) => ({ reason: 'nul_byte', line: kept })),
    );
  });

  test('of a program that goes on at its old position in a truncated log', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    const log = openSync(site.path('a.log'), 'w');
    let at = 0;
    const write = (user: string): void => {
      at += writeSync(log, line(user), at);
    };
    for (const user of users(0, 2000)) write(user);
    await sentOnce(site, users(0, 2000));
    const read = at;
    truncateSync(site.path('a.log'));
    for (const user of users(2000, 2010)) write(user);
    await sentOnce(site, users(0, 2010));
    expect(site.rejected).toMatchObject([{ reason: 'nul_byte', offset: 0, line_bytes: read }]);
    closeSync(log);
    await monitor.stop();
  });

  test('that a program keeps in advance are not read before they are written over', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    const log = openSync(site.path('a.log'), 'w');
    truncateSync(site.path('a.log'), 300_000);
    let at = 0;
    for (const user of users(0, 3)) {
      at += writeSync(log, line(user), at);
      await sentOnce(site, users(0, Number(user.slice(5)) + 1));
    }
    closeSync(log);
    await monitor.stop();
    expect(site.rejected).toEqual([]);
  });
});

test('a line without an end that is longer than a read waits for its end, however it grows', async () => {
  const site = new IngestSite();
  writeFileSync(site.path('a.log'), 'x'.repeat(300_000));
  site.append('b.log', 'user 1');
  const monitor = await site.start();
  await sentOnce(site, ['user 1']);
  expect(site.rejected).toEqual([]);
  appendFileSync(site.path('a.log'), `${'x'.repeat(300_000)}\n${line('user 2')}`);
  await sentOnce(site, users(1, 3));
  expect(site.rejected).toMatchObject([{ reason: 'line_too_long', line_bytes: 600_000, offset: 0 }]);
  await monitor.stop();
});
