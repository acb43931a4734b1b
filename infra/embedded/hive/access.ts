import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../../hash.ts';
import { runTied } from '../../supervisor/parent_death.ts';
import { engineEnvironment } from '../environment.ts';
import { javaCompiler } from '../java.ts';
import { madeOnce } from '../made_once.ts';

const LOGIN = new URL('access/Login.java', import.meta.url);
const RIGHTS = new URL('access/Rights.java', import.meta.url);
const SESSION = new URL('access/Session.java', import.meta.url);
const SOURCES = [LOGIN, RIGHTS, SESSION].map((url) => fileURLToPath(url));
/** Jars that they are compiled with. */
const NEEDED =
  /^(hive-(exec|common|service|service-rpc|standalone-metastore-common)-|hadoop-common|slf4j-api|libthrift)/;

/**
 * The classes that say who may log in to the embedded Hive, and what he may do there: a folder for its class path.
 * Compiled once for each version of Hive and of the sources, beside the program.
 */
export function ensureAccessClasses(home: string, scratch: string): Promise<string> {
  const version = sha256Hex(SOURCES.map((path) => readFileSync(path, 'utf8')).join()).slice(0, 8);
  return madeOnce(`${home}.access-${version}`, async (aside) => {
    mkdirSync(aside);
    const lib = join(home, 'lib');
    const jars = readdirSync(lib).filter((name) => NEEDED.test(name));
    await runTied({
      file: javaCompiler(),
      args: [
        ...['-J-XX:TieredStopAtLevel=1', `-J-Djava.io.tmpdir=${scratch}`],
        // Whichever JDK runs them later.
        ...['--release', '17', '-proc:none', '-nowarn'],
        ...['-cp', jars.map((name) => join(lib, name)).join(':'), '-d', aside, ...SOURCES],
      ],
      env: engineEnvironment(),
      cwd: scratch,
    });
  });
}
