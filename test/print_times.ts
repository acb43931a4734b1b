/** `npm run test:times`: how the time of the last test run was spent. */
import { readFileSync } from 'node:fs';
import { TIMES_FILE, type Times } from './support/times.ts';

const LONGEST = 20;

const read = (): Times => {
  try {
    return JSON.parse(readFileSync(TIMES_FILE, 'utf8'));
  } catch {
    process.stderr.write('no test run is recorded here: run npm test or npm run test:all first\n');
    process.exit(1);
  }
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const row = (...cells: (string | number)[]): string => cells.map((cell) => String(cell).padStart(9)).join('  ');

const { startedAt, seconds, busy, lanes, files, cpu } = read();
const lines = [
  `test run of ${startedAt}: ${Math.round(seconds)} s, processors busy ${percent(busy)}`,
  '',
  row('seconds', 'busy', 'files', 'tests', 'lane'),
  ...Object.entries(lanes).map(([name, lane]) =>
    row(Math.round(lane.seconds), percent(lane.busy), lane.files, lane.tests, name),
  ),
  '',
  row('seconds', 'busy', 'tests', 'lane', 'longest files'),
  ...files
    .slice(0, LONGEST)
    .map((of) => `${row(Math.round(of.seconds), percent(of.busy), of.tests, of.lane)}  ${of.file}`),
  '',
  row('CPU-s', ...Object.keys(lanes), 'processes'),
  ...Object.entries(cpu).map(([kind, used]) =>
    row(Math.round(used), ...Object.values(lanes).map((lane) => Math.round(lane.cpu[kind] ?? 0)), kind),
  ),
];
process.stdout.write(`${lines.join('\n')}\n`);
