import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readStatus } from '../../audit/status.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { namedCommands } from './named_command.ts';
import type { Site } from './site.ts';

/** Something that the platform says is wrong. */
export interface Word {
  from: 'finding' | 'start' | 'conservation' | 'log';
  text: string;
  /** Epoch ms. */
  at: number;
}

const ERROR = 50;

/** Collects what the platform says from now on, in its findings, in broken rules and in the logs of its roles. */
export class Words {
  readonly #site: Site;
  readonly #before = new Map<string, number>();
  readonly #known = new Set<string>();
  readonly all: Word[] = [];

  private constructor(site: Site) {
    this.#site = site;
  }

  static async from(site: Site): Promise<Words> {
    const words = new Words(site);
    for (const file of words.#logs()) words.#before.set(file, statSync(file).size);
    for (const { name, found_at } of await openFindings(openRegister(site.config))) words.#known.add(name + found_at);
    return words;
  }

  /** What a start was refused with. */
  refused(text: string): void {
    this.#add('start', text, Date.now());
  }

  async listen(): Promise<void> {
    for (const { name, found_at, what, mend } of await this.#openFindings()) {
      if (!this.#known.has(name + found_at)) this.#add('finding', `${what}: ${mend}`, Date.parse(found_at));
    }
    this.#listenToLogs();
  }

  /** Slower than the others: everything that must be equal is read. */
  async listenToRules(): Promise<void> {
    if (!this.#site.isRunning) return;
    const conservation = (await readStatus(this.#site.config).catch(() => null))?.conservation ?? [];
    for (const { event, rule, broken } of conservation) {
      if (broken) this.#add('conservation', `${event} ${rule}: ${broken.advice}`, Date.now());
    }
  }

  /** Those still true that lead on: of findings if there are any with a command, else of whatever else was said. */
  async commands(): Promise<string[][]> {
    const open = (await this.#openFindings()).filter(({ name, found_at }) => !this.#known.has(name + found_at));
    const ofFindings = namedCommands(open.map(({ what, mend }) => `${what}: ${mend}`).join('\n'));
    if (ofFindings.length > 0) return ofFindings;
    return namedCommands(
      this.all
        .filter(({ from }) => from !== 'finding')
        .map(({ text }) => text)
        .join('\n'),
    );
  }

  /** The first of them; null: nothing was said. */
  get firstAt(): number | null {
    return this.all.length === 0 ? null : Math.min(...this.all.map(({ at }) => at));
  }

  async #openFindings() {
    return openFindings(openRegister(this.#site.config)).catch(() => []);
  }

  /** Lines that end a role or name a command; others are the daily life of processes whose engines come and go. */
  #listenToLogs(): void {
    for (const file of this.#logs()) {
      const bytes = readFileSync(file);
      const from = this.#before.get(file) ?? 0;
      // A log that became too large was put aside.
      const end = bytes.lastIndexOf('\n') + 1;
      this.#before.set(file, end);
      for (const line of bytes.toString('utf8', from > end ? 0 : from, end).split('\n')) {
        const said = readLine(line);
        if (said !== null && said.level >= ERROR && namedCommands(said.msg).length > 0) {
          this.#add('log', said.msg, said.at);
        }
      }
    }
  }

  #logs(): string[] {
    const folder = this.#site.path('logs-roles');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => this.#site.path('logs-roles', name));
  }

  #add(from: Word['from'], text: string, at: number): void {
    if (!this.all.some((word) => word.text === text)) this.all.push({ from, text, at });
  }
}

function readLine(line: string): { level: number; msg: string; at: number } | null {
  try {
    const { level, msg, time } = JSON.parse(line) as { level: number; msg?: string; time: string };
    return { level, msg: msg ?? '', at: Date.parse(time) };
  } catch {
    return null;
  }
}
