import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';
import { statFields, TICKS_PER_SECOND } from '../../infra/process_stat.ts';
import { busySeconds, shareOf } from './idle.ts';

/** How the time of the last test run was spent; `npm run test:times` prints it. */
export const TIMES_FILE = fileURLToPath(
  new URL('../../node_modules/.cache/clickledger/test-times.json', import.meta.url),
);

export interface Times {
  startedAt: string;
  seconds: number;
  /** Busy share of all processors during the run, from 0 to 1. */
  busy: number;
  lanes: Record<string, { seconds: number; busy: number; files: number; tests: number; cpu: Cpu }>;
  /** `busy` is of the whole machine, with whatever ran beside the file. */
  files: { file: string; lane: string; seconds: number; busy: number; tests: number }[];
  cpu: Cpu;
}

/** CPU-seconds by kind of process. Processes that live for less than a second are missed. */
type Cpu = Record<string, number>;

const SAMPLE_EVERY_MS = 1_000;
const KINDS: [RegExp, string][] = [
  [/kafka\.Kafka/, 'Kafka'],
  [/clickhouse\/runner\.mjs/, 'ClickHouse'],
  [/HiveServer2/, 'Hive'],
  [/org\.elasticsearch/, 'Elasticsearch'],
  [/clickledger\.mjs run /, 'roles'],
  [/clickledger\.mjs/, 'commands'],
  [/vitest/, 'vitest'],
  [/java/, 'other JVMs'],
];

/** Processor time of the processes started by the run, sampled from /proc. */
class ProcessorTime {
  readonly #byPid = new Map<string, { kind: string; seconds: number }>();

  sample(): void {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        const field = statFields(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        const seconds = (field(14) + field(15)) / TICKS_PER_SECOND;
        const key = `${pid} ${field(22)}`;
        const known = this.#byPid.get(key);
        // A process that has just been started may not have its own command line yet.
        const kind = known && seconds > 1 ? known.kind : kindOf(pid);
        if (kind !== null) this.#byPid.set(key, { kind, seconds });
      } catch {
        // It has ended.
      }
    }
  }

  byKind(): Cpu {
    const sums: Cpu = {};
    for (const { kind, seconds } of this.#byPid.values()) sums[kind] = (sums[kind] ?? 0) + seconds;
    return Object.fromEntries(Object.entries(sums).sort(([, a], [, b]) => b - a));
  }
}

function kindOf(pid: string): string | null {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return KINDS.find(([pattern]) => pattern.test(command))?.[1] ?? null;
}

const used = (before: Cpu, after: Cpu): Cpu =>
  Object.fromEntries(Object.entries(after).map(([kind, seconds]) => [kind, seconds - (before[kind] ?? 0)]));

/** The time of a file, or of a lane from the start of its first file to the end of its last. */
class Span {
  readonly #startedMs = Date.now();
  readonly #startedBusy = busySeconds();
  seconds = 0;
  busy = 0;

  end(): void {
    this.seconds = (Date.now() - this.#startedMs) / 1_000;
    this.busy = shareOf(busySeconds() - this.#startedBusy, this.seconds);
  }
}

/** Records how a run's time is spent: by lane, by file, and the processor time by kind of process. */
export default class TimesReporter implements Reporter {
  readonly #startedMs = Date.now();
  readonly #whole = new Span();
  readonly #lanes = new Map<string, { span: Span; before: Cpu; cpu: Cpu }>();
  readonly #begun = new Map<string, Span>();
  readonly #files: Times['files'] = [];
  readonly #cpu = new ProcessorTime();
  #timer: NodeJS.Timeout | undefined;

  onTestRunStart(): void {
    this.#timer = setInterval(() => this.#cpu.sample(), SAMPLE_EVERY_MS).unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.#begun.set(module.id, new Span());
    const lane = module.project.name;
    if (!this.#lanes.has(lane)) this.#lanes.set(lane, { span: new Span(), before: this.#cpu.byKind(), cpu: {} });
  }

  onTestModuleEnd(module: TestModule): void {
    const span = this.#begun.get(module.id) ?? new Span();
    span.end();
    const lane = module.project.name;
    const ofLane = this.#lanes.get(lane);
    if (ofLane) {
      ofLane.span.end();
      ofLane.cpu = used(ofLane.before, this.#cpu.byKind());
    }
    const tests = [...module.children.allTests()].length;
    const { seconds, busy } = span;
    this.#files.push({ file: relative(process.cwd(), module.moduleId), lane, seconds, busy, tests });
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
    this.#cpu.sample();
    const lanes = Object.fromEntries(
      [...this.#lanes].map(([name, { span, cpu }]) => {
        const files = this.#files.filter(({ lane }) => lane === name);
        const tests = files.reduce((sum, file) => sum + file.tests, 0);
        return [name, { seconds: span.seconds, busy: span.busy, files: files.length, tests, cpu }];
      }),
    );
    this.#whole.end();
    const times: Times = {
      startedAt: new Date(this.#startedMs).toISOString(),
      seconds: this.#whole.seconds,
      busy: this.#whole.busy,
      lanes,
      files: this.#files.toSorted((a, b) => b.seconds - a.seconds),
      cpu: this.#cpu.byKind(),
    };
    mkdirSync(dirname(TIMES_FILE), { recursive: true });
    writeFileSync(TIMES_FILE, `${JSON.stringify(times, null, 1)}\n`);
  }
}
