import { expect, test } from 'vitest';
import { type LostLog, lostText } from '../restore/lost_logs.ts';
import { kafkaText } from './restore_kafka.ts';

const NONE = { click: 0, impression: 0, conversion: 0 };
const log = (name: string, end: number, rows = 0): LostLog => ({
  event: 'click',
  name,
  place: name,
  end,
  arrivedMs: end === 0 ? null : 1,
  storedUntilMs: end === 0 ? 0 : 1,
  gap: rows === 0 ? null : { from: end - rows, to: end, rows, lost: 0, missing: [] },
});

test('nothing is lost when all logs could be read again', () => {
  const logs = [log('clicks-0', 7, 3)];
  const resent = { sent: { ...NONE, click: 2 }, unreadable: [], unknownBeforeMs: null };
  expect(lostText(logs, resent)).toBeNull();
  expect(kafkaText(logs, resent, null)).toBe(
    'Kafka was lost: the platform goes on with an empty one, its topics under new names\n' +
      '  3 events that were counted and not archived are archived from ClickHouse\n' +
      '  read again from the logs: 2 clicks\n  nothing was lost\n',
  );
});

test('what cannot be read again is named by topic, partition and offset', () => {
  const logs = [log('clicks-0', 7), log('clicks~2-1', 9), log('clicks-2', 0)];
  const from =
    'Kafka was lost, and with it what it had not passed on: clicks-0 from message 7 on, clicks~2-1 from message 9 on, ' +
    'clicks-2 from message 0 on; ';
  expect(lostText(logs, null)).toBe(
    `${from}what had been read of the logs by then is not known, so nothing was sent again`,
  );
  const resent = { sent: NONE, unreadable: [{ path: '/logs/a.log', from: 10, to: 30 }], unknownBeforeMs: null };
  const lost = lostText(logs, resent);
  expect(lost).toBe(`${from}bytes 10 to 29 of /logs/a.log cannot be read again`);
  expect(kafkaText(logs, resent, lost)).toContain(`  ${lost}\n`);
  expect(lostText(logs, { ...resent, unknownBeforeMs: Date.UTC(2026, 0, 2) })).toBe(
    `${from}what had been read of the logs before 2026-01-02T00:00:00.000Z is not known, so nothing of that was sent again; ` +
      'bytes 10 to 29 of /logs/a.log cannot be read again',
  );
});

test('what was sent and never stored is named too', () => {
  const resent = { sent: NONE, unreadable: [{ path: '/logs/a.log', from: 0, to: 30 }], unknownBeforeMs: null };
  expect(lostText([log('clicks-0', 0)], resent)).toBe(
    'Kafka was lost, and with it what it had not passed on: clicks-0 from message 0 on; bytes 0 to 29 of /logs/a.log cannot be read again',
  );
  expect(lostText([log('clicks-0', 0)], null)).toContain('clicks-0 from message 0 on');
});
