import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { even, writeLog } from './clicks.ts';
import { untilInTopic } from './path.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';

/** A topic that receives further current clicks, from a log monitor that runs all the time. */
export class Further {
  readonly #site: BenchSite;
  readonly #ads: number;
  readonly #folder: string;
  readonly #monitor: Running;
  /** Messages in the topic once all written lines are sent. */
  messages = 0;
  #written: string[] = [];

  private constructor(site: BenchSite, ads: number, folder: string, monitor: Running) {
    this.#site = site;
    this.#ads = ads;
    this.#folder = folder;
    this.#monitor = monitor;
  }

  static async start(site: BenchSite, ads: number): Promise<Further> {
    const folder = site.newFolder();
    mkdirSync(join(folder, 'logs'));
    const monitor = await site.startRole('ingest', folder, { LOG_GLOB: join(folder, 'logs', '*.log') });
    return new Further(site, ads, folder, monitor);
  }

  /** Process id of the log monitor. */
  get pid(): number {
    return this.#monitor.pid;
  }

  /** Lines not sent yet. */
  async write(clicks: number): Promise<void> {
    const name = `${this.messages}.log`;
    await writeLog(join(this.#folder, 'aside', name), clicks, even(this.#ads), { seed: this.messages });
    this.messages += clicks;
    this.#written.push(name);
  }

  /** Resolves when all written lines are in the topic. */
  async send(): Promise<void> {
    for (const name of this.#written) {
      renameSync(join(this.#folder, 'aside', name), join(this.#folder, 'logs', name));
    }
    this.#written = [];
    await untilInTopic(this.#site, this.#monitor, this.messages);
  }
}
