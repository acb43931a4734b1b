import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkJava } from './tools.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts only fake programs with these versions on the PATH. */
function check(versions: Record<string, string>): Promise<void> {
  for (const [name, said] of Object.entries(versions)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho '${said}' >&2\n`, { mode: 0o755 });
  }
  return checkJava({ PATH: folder }, join(folder, 'cache'));
}

const jdk = (version: string) => ({
  java: `openjdk version "${version}" 2025-09-16`,
  javac: `javac ${version}`,
  mvn: 'Apache Maven 3.9.9',
});

test.each(['17.0.15', '21', '23.0.1'])('a JDK %s is accepted', async (version) => {
  await expect(check(jdk(version))).resolves.toBeUndefined();
});

test.each([
  [{ ...jdk('25'), javac: 'javac 25' }, 'a JDK (java) is version 25.0.0, too new: install a JDK of 17 to 23'],
  [jdk('24.0.1'), 'too new'],
  [jdk('11.0.2'), 'a JDK (java) is version 11.0.2, too old: install a JDK of 17 to 23'],
  [{ ...jdk('21'), javac: 'javac 25' }, 'a JDK (javac) is version 25.0.0, too new'],
  [{ ...jdk('17'), mvn: 'Apache Maven 3.6.3' }, 'Maven is version 3.6.3, too old'],
  [{ java: 'openjdk version "17"', javac: 'javac 17' }, 'Maven was not found: install Maven 3.8 or later'],
])('%j is refused in one line', async (versions, said) => {
  const failure = await check(versions).catch((error: Error) => error.message);
  expect(failure).toContain(said);
  expect(failure).not.toContain('\n');
});
