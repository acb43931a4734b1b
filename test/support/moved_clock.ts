import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaHome } from '../../infra/embedded/java.ts';

/** Where Debian’s package `libfaketime` puts that for programs of many threads, by the machine’s architecture. */
const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((of) => `/usr/lib/${of}/faketime/libfaketimeMT.so.1`);
const library = LIBRARIES.find((file) => existsSync(file));

export const canMoveClocks = library !== undefined;

/**
 * The clock of Kafka, which the whole platform goes by, and of the host, as the roles see it. It is set before they start
 * and while they run; in between it goes on like any other. The clocks of the other engines stay as they are, ahead of
 * it.
 */
export class MovedClock {
  readonly #file: string;
  /** Settings of the platform. */
  readonly env: Record<string, string>;

  constructor(folder: string, ms: number) {
    this.#file = join(folder, 'clock');
    this.set(ms);
    this.env = { ...faked(this.#file), JAVA_HOME: jdkFor(join(folder, 'jdk'), this.#file) };
  }

  set(ms: number): void {
    const aside = `${this.#file}.tmp`;
    writeFileSync(aside, `${((ms - Date.now()) / 1_000).toFixed(3)}\n`);
    renameSync(aside, this.#file);
  }
}

/** Monotonic clocks are left alone, or threads would not sleep. */
const faked = (clockFile: string): Record<string, string> => ({
  LD_PRELOAD: library ?? '',
  FAKETIME_TIMESTAMP_FILE: clockFile,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  FAKETIME_FORCE_MONOTONIC_FIX: '0',
});

/** A JDK that is the real one, but for the clock of Kafka. */
function jdkFor(folder: string, clockFile: string): string {
  const home = javaHome();
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const name of readdirSync(home)) if (name !== 'bin') symlinkSync(join(home, name), join(folder, name));
  for (const name of readdirSync(join(home, 'bin'))) {
    if (name !== 'java') symlinkSync(join(home, 'bin', name), join(folder, 'bin', name));
  }
  const program = join(folder, 'bin', 'java');
  const settings = Object.entries(faked(clockFile)).map(([name, value]) => `${name}=${value}`);
  const lines = [
    '#!/bin/sh',
    `case " $* " in *" kafka.Kafka "*) export ${settings.join(' ')} ;; esac`,
    `exec ${join(home, 'bin', 'java')} "$@"`,
  ];
  writeFileSync(program, `${lines.join('\n')}\n`);
  chmodSync(program, 0o755);
  execFileSync(program, ['-version'], { stdio: 'ignore' });
  return folder;
}
