import { describe, expect, test } from 'vitest';
import { isCompressed, rotatedFrom } from './rotated_names.ts';

const from = (name: string, ...logs: string[]) => rotatedFrom(name, (log) => logs.includes(log));

describe('rotated names', () => {
  test.each([
    ['logrotate, nginx', 'web.log.1', 'web.log'],
    ['logrotate with dateext', 'web.log-20210101', 'web.log'],
    ['logrotate with dateext and hours', 'web.log-20210101-1609459200', 'web.log'],
    ['logrotate with a dateformat of its own', 'web.log_2021-01-01', 'web.log'],
    ['log4j, Tomcat', 'web.log.2021-01-01', 'web.log'],
    ['Kubernetes', '0.log.20260101-120000', '0.log'],
    ['Docker', '4f2a-json.log.1', '4f2a-json.log'],
    ['a log without an extension', 'access-20210101', 'access'],
    ['compressed', 'web.log.2.gz', 'web.log'],
    ['compressed in place', 'web.log.zst', 'web.log'],
  ])('behind the log: %s', (_, name, log) => {
    expect(from(name, log)).toEqual({ log, isWithin: false });
  });

  test.each([
    ['logrotate with extension', 'web.1.log', 'web.log'],
    ['logrotate with extension and dateext', 'web-20210101.log', 'web.log'],
    ['log4j2', 'web-3.log', 'web.log'],
    ['log4j2 with date and counter', 'web-11-30-2026-1.log', 'web.log'],
    ['Logback', 'web.2021-01-01.log', 'web.log'],
    ['a log with a number of its own', 'worker-3-20210101.log', 'worker-3.log'],
    ['compressed', 'web-20210101.log.gz', 'web.log'],
  ])('before the extension: %s', (_, name, log) => {
    expect(from(name, log)).toEqual({ log, isWithin: true });
  });

  test.each([
    ['another log', 'errors.log', 'web.log'],
    ['another log with the same beginning', 'web-errors.log', 'web.log'],
    ['behind a hyphen no stamp', 'web.log-errors', 'web.log'],
    ['no log of the name', 'web-20210101.log', 'app.log'],
    ['a hidden file', '.web.log', 'web.log'],
  ])('not: %s', (_, name, log) => {
    expect(from(name, log)).toBeNull();
  });
});

test.each(['.gz', '.GZ', '.Z', '.zip', '.lz4', '.br', '.zst', '.bz2', '.xz', '.7z', '.tgz'])(
  '%s is compressed',
  (end) => {
    expect(isCompressed(`/logs/web.log.1${end}`)).toBe(true);
  },
);

test('a log may end in anything else', () => {
  expect(['web.log', 'web.log.1', 'gz', 'web.json', 'web.log.bak'].filter(isCompressed)).toEqual([]);
});
