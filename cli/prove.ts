import { Command, InvalidArgumentError } from 'commander';
import { EVENT_KINDS, PLURAL } from '../domain/event_kinds.ts';
import { type Proof, prove } from '../prove/run.ts';
import { disastersText } from './text/disasters.ts';
import { timedLines } from './timed_lines.ts';

const wholeNumber = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
};

interface Options {
  seconds: number;
  seed: number;
  keep?: boolean;
  kills: boolean;
  disasters?: boolean;
  only?: string;
  json?: boolean;
}

export const proveCommand = (): Command =>
  new Command('prove')
    .option('--seconds <n>', 'how long to write and kill; disasters take their own time', wholeNumber, 120)
    .option('--seed <n>', 'makes events, kills and the order of disasters repeatable', wholeNumber, 1)
    .option('--disasters', 'then lose or age engines, cut logs, freeze roles and set clocks wrong, one after the other')
    .option('--only <names>', 'of the disasters only these, separated by commas; an unknown name lists them')
    .option('--no-kills', 'kill nothing')
    .option('--keep', 'keep the folder even if nothing is wrong')
    .option('--json', 'print one JSON document')
    .action(async ({ seconds, seed, keep = false, kills, disasters = false, only, json }: Options) => {
      if (only !== undefined && !disasters) throw new Error('--only names a disaster: it goes with --disasters');
      const report = timedLines();
      const proof = await prove({
        seconds,
        seed,
        keep,
        kills,
        report,
        disasters: disasters ? { only: only?.split(',') } : null,
      });
      process.stdout.write(json ? `${JSON.stringify(proof)}\n` : table(proof));
      process.exit(proof.proven ? 0 : 1);
    });

function table(proof: Proof): string {
  const listCounts = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, n]) => `${name} ${n}`)
      .join(', ') || 'none';
  const nameOf = ({ event, store }: Proof['stores'][number]): string => `${event.padEnd(10)}  ${store}`;
  const width = Math.max(...proof.stores.map((store) => nameOf(store).length));
  const sent = EVENT_KINDS.map((event) => `${proof.sent_of[event]} ${PLURAL[event]}`);
  const row = (name: string, counted: unknown, lost: unknown, doubled: unknown): string =>
    `  ${name.padEnd(width)}  ${String(counted).padStart(9)}  ${String(lost).padStart(6)}  ${String(doubled).padStart(7)}`;
  return [
    `seed ${proof.seed}, ${proof.seconds} s: ${sent.join(', ')} sent, ${proof.resent} re-sent, ${proof.broken} broken lines`,
    `killed: ${listCounts(proof.kills)}`,
    'of these at a point between two durable steps:',
    ...Object.entries(proof.points).map(([name, points]) => `  ${name.padEnd(9)}  ${listCounts(points)}`),
    `paused beyond a session: ${listCounts(proof.pauses)}`,
    `${proof.runs} runs published by hand meanwhile, longest gap in freshness ${proof.longest_gap_seconds} s`,
    '',
    row(`${'kind'.padEnd(10)}  store`, 'counted', 'lost', 'doubled'),
    ...proof.stores.map((store) => row(nameOf(store), store.counted, store.lost, store.doubled)),
    '',
    ...proof.missed.map((what) => `not done: ${what}`),
    ...(proof.refused === null ? [] : [`a run was refused: ${proof.refused}`]),
    ...(proof.disasters === undefined ? [] : [disastersText(proof.disasters), '']),
    `conservation ${proof.conservation ? 'holds' : 'IS BROKEN'}`,
    proof.proven ? 'PROVEN: nothing lost, nothing counted twice' : 'NOT PROVEN',
    '',
  ].join('\n');
}
