import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../batch/archive/files/check_file.ts';
import type { Part } from './manifest.ts';

export interface Measured {
  rows: number;
  bytes: number;
  sha256: string;
}

/** Counts and hashes lines as they pass. */
export class Measure {
  readonly #hash = createHash('sha256');
  #rows = 0;
  #bytes = 0;

  add(line: string): string {
    const text = `${line}\n`;
    this.#hash.update(text);
    this.#rows++;
    this.#bytes += Buffer.byteLength(text);
    return text;
  }

  get result(): Measured {
    return { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }
}

const CHUNK = 64 * 1024;

/** A file of lines that is on disk when `close` resolves. */
export class LinesFile {
  readonly #file: FileHandle;
  readonly #measure = new Measure();
  #pending = '';

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static create = async (path: string): Promise<LinesFile> => new LinesFile(await open(path, 'wx', 0o600));

  async add(line: string): Promise<void> {
    this.#pending += this.#measure.add(line);
    if (this.#pending.length >= CHUNK) await this.#flush();
  }

  async close(): Promise<Measured> {
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
    return this.#measure.result;
  }

  async #flush(): Promise<void> {
    await this.#file.appendFile(this.#pending);
    this.#pending = '';
  }
}

export async function writeLines(path: string, lines: AsyncIterable<string> | Iterable<string>): Promise<Measured> {
  const file = await LinesFile.create(path);
  for await (const line of lines) await file.add(line);
  return file.close();
}

/** Lines end with a line feed and nothing else: JSON may hold other separators as they are. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Null: the file is as the manifest says; otherwise what is wrong, with its name. */
export async function damageOf(folder: string, of: Part): Promise<string | null> {
  const path = join(folder, of.file);
  if (!existsSync(path)) return `${path} is missing: take another backup`;
  const { bytes, sha256 } = await hashFile(path);
  if (bytes !== of.bytes)
    return `${path} has ${bytes} bytes, the manifest says ${of.bytes}: it was changed, take another backup`;
  if (sha256 !== of.sha256) return `${path} is damaged (its SHA-256 is not that of the manifest): take another backup`;
  return null;
}
