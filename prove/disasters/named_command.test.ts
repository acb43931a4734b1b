import { expect, test } from 'vitest';
import { namedCommands, shown } from './named_command.ts';

test.each([
  ['is empty, and was not: "./clickledger restore" brings back what it had; see docs', ['./clickledger restore']],
  ['{"msg":"lost (0): \\"./clickledger restore\\" goes on with it"}', ['./clickledger restore']],
  [
    `count on under a new name: "./clickledger continue --partition clicks-0 --reason 'its log was cut'"`,
    [`./clickledger continue --partition clicks-0 --reason 'its log was cut'`],
  ],
  [
    'at once for ended ones: ./clickledger rebuild --from 2026-01-01 --to 2026-01-03 --reason "back to Elasticsearch"',
    [`./clickledger rebuild --from 2026-01-01 --to 2026-01-03 --reason 'back to Elasticsearch'`],
  ],
  [
    'bring this one forward: ./clickledger restore --register (with --dry-run it only shows)',
    ['./clickledger restore --register'],
  ],
  ['what blocks one, ./clickledger reconcile says', ['./clickledger reconcile']],
  ['over a gap: ./clickledger archive skip --partition clicks-1.', ['./clickledger archive skip --partition clicks-1']],
  [
    'first "./clickledger replay --from a --to b", then "./clickledger findings --settle x", then "./clickledger replay --from a --to b"',
    ['./clickledger replay --from a --to b', './clickledger findings --settle x'],
  ],
  ['see docs/operations.md, "A lost or older engine"', []],
])('%j names %j', (text, commands) => {
  expect(namedCommands(text).map(shown)).toEqual(commands);
});
