import { setTimeout as delay } from 'node:timers/promises';
import { randomNumbers } from '../../infra/traffic/lines.ts';
import { type Disaster, WRITE_SECONDS } from './disaster.ts';
import { LinesBeside } from './lines_beside.ts';
import { shown } from './named_command.ts';
import { type Numbers, readNumbers } from './numbers.ts';
import { type Site, until } from './site.ts';
import { isPassed, NOTICE_SECONDS, type Verdict, verdictOf } from './verdict.ts';
import { type Word, Words } from './words.ts';

/** What came of a disaster. */
export interface Survived {
  what: string;
  /** How long after it the platform said that something is wrong; null: it said nothing. */
  noticed_seconds: number | null;
  /** What it said first; null: nothing. */
  said: string | null;
  /** What was run because the platform named it; several are joined by `&&`; null: nothing. */
  command: string | null;
  /** null: it was skipped. */
  exact: boolean | null;
  verdict: Verdict | null;
  /** What was not exact. */
  wrong: string | null;
  seconds: number;
  /** Why it was not tried; null: it was. */
  skipped: string | null;
}

/** A platform that is busy or starting may take its time, as long as it does not say anything false. */
const SETTLE_LIMIT_MS = 180_000;
/** A platform that has become ready is given time to look around. */
const LOOK_AROUND_MS = 30_000;
const LISTEN_MS = 1_000;
const STARTS = 3;

type Report = (line: string) => void;

/** Whether everything that was tried ended well. */
export const allPassed = (survived: readonly Survived[]): boolean =>
  survived.every(({ verdict }) => verdict === null || isPassed(verdict));

/**
 * One after the other.
 * @param renew another platform, for those after one that has left wrong numbers
 */
export async function letHappen(
  disasters: readonly Disaster[],
  first: Site,
  { seed, renew, report }: { seed: number; renew: () => Promise<Site>; report: Report },
): Promise<Survived[]> {
  const survived: Survived[] = [];
  const next = randomNumbers(seed);
  let site: Site | null = first;
  for (const [i, disaster] of disasters.entries()) {
    const skipped = disaster.skipped?.() ?? null;
    if (skipped !== null) {
      survived.push({ ...NOT_TRIED, what: disaster.name, skipped });
      continue;
    }
    site ??= await renew();
    // Seeds of the other traffic are smaller.
    site.lines = new LinesBeside(site.path('logs'), `${i}-${disaster.name}`, 1_000_000 * (i + 1) + seed, site.known);
    const one = await happens(disaster, site, next, report);
    survived.push(one);
    report(`${one.what}: ${one.verdict}${one.wrong === null ? '' : `, ${one.wrong}`}`);
    if (!allPassed([one])) site = null;
  }
  return survived;
}

const NOT_TRIED = {
  noticed_seconds: null,
  said: null,
  command: null,
  exact: null,
  verdict: null,
  wrong: null,
  seconds: 0,
};

async function happens(disaster: Disaster, site: Site, next: () => number, report: Report): Promise<Survived> {
  let lastWhy = '';
  const numbers = async (): Promise<Numbers> => {
    const found = await readNumbers(site);
    if (!found.exact && found.why !== lastWhy) report(`not exact yet: ${found.why}`);
    lastWhy = found.why;
    return found;
  };
  report(`next is ${disaster.name}`);
  await site.lines?.write(WRITE_SECONDS);
  const before = await until(numbers, ({ exact }) => exact, SETTLE_LIMIT_MS);
  if (!before.exact) throw new Error(`numbers were not exact before ${disaster.name}: ${before.why}`);
  const words = await Words.from(site);
  await disaster.harm(site, next);
  report(`${disaster.name} has happened`);
  const at = Date.now();
  const answering = site.isRunning ? Promise.resolve(at) : firstAnswer(site, at + SETTLE_LIMIT_MS);
  const first = await watch(site, words, at, numbers, report);
  const { last, commands } = first.exact ? { last: first, commands: [] } : await mend(site, words, numbers, report);
  const answeredAt = await answering;
  const secondsAfter = (ms: number): number | null =>
    words.firstAt === null ? null : Math.max(0, Math.round((words.firstAt - ms) / 1_000));
  const outcome = {
    // Until it answers again, nobody is told a wrong number.
    noticedSeconds: secondsAfter(answeredAt ?? Number.POSITIVE_INFINITY),
    isMended: commands.length > 0,
    exact: last.exact,
  };
  return {
    what: disaster.name,
    noticed_seconds: secondsAfter(at),
    said: words.all.toSorted((a: Word, b: Word) => a.at - b.at)[0]?.text ?? null,
    command: commands.length === 0 ? null : commands.join(' && '),
    exact: last.exact,
    verdict: verdictOf(outcome),
    wrong: last.exact ? null : last.why,
    seconds: Math.round((Date.now() - at) / 1_000),
    skipped: null,
  };
}

/** When the API of a platform that was stopped answers again; null: not by then. */
async function firstAnswer(site: Site, untilMs: number): Promise<number | null> {
  while (Date.now() < untilMs) {
    if (await site.isAnswering()) return Date.now();
    await delay(LISTEN_MS);
  }
  return null;
}

/**
 * Starts what was stopped, writes on, and listens: until the numbers are right, or the platform has named a command and had
 * the time to do without it.
 */
async function watch(
  site: Site,
  words: Words,
  at: number,
  numbers: () => Promise<Numbers>,
  report: Report,
): Promise<Numbers> {
  let upAt = site.isRunning ? at : null;
  let isRefused = false;
  const starting = site.start().then(
    () => {
      upAt ??= Date.now();
    },
    (error: Error) => {
      isRefused = true;
      words.refused(error.message);
    },
  );
  const listening = listen(words, report);
  const writing = site.lines?.write(WRITE_SECONDS);
  let found: Numbers;
  do {
    found = await numbers();
    if (found.exact || isRefused) break;
    if (found.isSettled) await words.listenToRules();
    const isLong = upAt !== null && Date.now() > Math.max(at + NOTICE_SECONDS * 1_000, upAt + LOOK_AROUND_MS);
    if ((found.isSettled || isLong) && (await words.commands()).length > 0) break;
    await delay(LISTEN_MS);
  } while (upAt === null || Date.now() < upAt + SETTLE_LIMIT_MS);
  await Promise.all([starting, writing]);
  await words.listen();
  await listening.stop();
  return found;
}

function listen(words: Words, report: Report): { stop(): Promise<void> } {
  let isOver = false;
  let said = words.all.length;
  const listening = (async () => {
    while (!isOver) {
      await words.listen();
      for (; said < words.all.length; said++)
        report(`said (${words.all[said]?.from}): ${words.all[said]?.text.slice(-600)}`);
      await delay(LISTEN_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await listening;
    },
  };
}

/** Runs what the platform names, and what it names then, until the numbers are right or it names nothing more. */
async function mend(
  site: Site,
  words: Words,
  numbers: () => Promise<Numbers>,
  report: Report,
): Promise<{ last: Numbers; commands: string[] }> {
  const commands: string[] = [];
  const listening = listen(words, report);
  let last = await numbers();
  let end = Date.now() + (site.isRunning ? SETTLE_LIMIT_MS : 0);
  for (;;) {
    const named = (await words.commands()).find((args) => !commands.includes(shown(args)));
    if (named !== undefined) {
      commands.push(shown(named));
      report(`running ${shown(named)}`);
      const [{ code, output }] = await Promise.all([site.run(named), startAgain(site, words)]);
      report(`it ended with ${code}: ${output.slice(-600)}`);
      end = Date.now() + SETTLE_LIMIT_MS;
    }
    last = await numbers();
    if (last.exact || Date.now() > end || commands.length === 0) break;
    await delay(LISTEN_MS);
  }
  await listening.stop();
  return { last, commands };
}

/** Some commands have the next start take what this one refused. */
async function startAgain(site: Site, words: Words): Promise<void> {
  for (let i = 0; !site.isRunning && i < STARTS; i++) {
    await delay(5_000);
    await site.start().catch((error: Error) => words.refused(error.message));
  }
}
