import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from './error.mjs';
import { findProgram } from './find_program.mjs';
import { isAtLeast, parseVersion } from './versions.mjs';

const run = promisify(execFile);

/** Java 24 removed Subject.getSubject(): HiveServer2 ends as soon as it starts. */
const JDK = {
  minimum: [17],
  below: [24],
  ofJavaHome: true,
  install: 'install a JDK of 17 to 23; 17 and 21 are the ones tried',
};
// A JRE has java alone, so both are checked.
const TOOLS = [
  { command: 'java', what: 'a JDK (java)', ...JDK },
  { command: 'javac', what: 'a JDK (javac)', ...JDK },
  { command: 'mvn', what: 'Maven', minimum: [3, 8], ofJavaHome: false, install: 'install Maven 3.8 or later' },
];

/** Throws a SetupError unless java, javac and mvn are installed and recent enough. */
export async function checkJava(env, cacheDir) {
  const seen = new SeenVersions(join(cacheDir, 'tools.json'));
  const found = await Promise.all(TOOLS.map(async (tool) => ({ tool, version: await versionOf(tool, env, seen) })));
  for (const { tool, version } of found) {
    if (!version) throw new SetupError(`${tool.what} was not found: ${tool.install}`);
    if (!isAtLeast(version, tool.minimum)) {
      throw new SetupError(`${tool.what} is version ${version.join('.')}, too old: ${tool.install}`);
    }
    if (tool.below && isAtLeast(version, tool.below)) {
      throw new SetupError(`${tool.what} is version ${version.join('.')}, too new: ${tool.install}`);
    }
  }
  seen.save();
}

async function versionOf({ command, ofJavaHome }, env, seen) {
  const file = findProgram(command, env, ofJavaHome ? env.JAVA_HOME : undefined);
  if (!file) return undefined;
  const known = seen.get(file);
  if (known) return known;
  try {
    // Java prints its version on standard error. Maven colours its own, which would hide the digits.
    const { stdout, stderr } = await run(file, command === 'mvn' ? ['-B', '-v'] : ['-version'], { env });
    const version = parseVersion(withoutColours(stdout + stderr));
    if (version) seen.set(file, version);
    return version;
  } catch {
    return undefined;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const withoutColours = (text) => text.replace(/\u001b\[[\d;]*m/g, '');

/** Running all three takes most of a second; an unchanged program file has its old version. */
class SeenVersions {
  #path;
  #versions;
  #changed = false;

  constructor(path) {
    this.#path = path;
    try {
      this.#versions = JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      this.#versions = {};
    }
  }

  get(file) {
    return this.#versions[keyOf(file)];
  }

  set(file, version) {
    this.#versions[keyOf(file)] = version;
    this.#changed = true;
  }

  save() {
    if (!this.#changed) return;
    mkdirSync(join(this.#path, '..'), { recursive: true });
    writeFileSync(this.#path, JSON.stringify(this.#versions));
  }
}

function keyOf(file) {
  const path = realpathSync(file);
  const { size, mtimeMs } = statSync(path);
  return `${path} ${size} ${mtimeMs}`;
}
