import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../setup/find_program.mjs';
import { StartError } from '../supervisor/types.ts';

/** The java program: from JAVA_HOME if set, else the first on the PATH. */
export function javaProgram(env: NodeJS.ProcessEnv = process.env): string {
  const file = findProgram('java', env, env.JAVA_HOME);
  if (file === undefined) throw new StartError('java was not found: install a JDK 17 or later');
  return file;
}

/** The JDK's folder, with symbolic links resolved. */
export const javaHome = (): string => dirname(dirname(realpathSync(javaProgram())));

/** The compiler of the same JDK. */
export function javaCompiler(): string {
  const file = join(javaHome(), 'bin', 'javac');
  if (!existsSync(file))
    throw new StartError(`there is no ${file}: install a whole JDK 17 or later, not only its runtime`);
  return file;
}

/**
 * Options for every engine JVM, after the engine's own: those of CLICKLEDGER_JAVA_OPTIONS, separated by spaces. For
 * engines that live for minutes: a JVM that compiles less starts with half of the processor time.
 */
export const givenJavaOptions = (env: NodeJS.ProcessEnv = process.env): string[] =>
  (env.CLICKLEDGER_JAVA_OPTIONS ?? '').split(/\s+/).filter(Boolean);

/** Options of every JVM: temporary files in the engine's own folder only. */
export const privateTemporaryFiles = (folder: string): string[] => [
  `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  `-XX:ErrorFile=${join(folder, 'tmp', 'hs_err_pid%p.log')}`,
  '-XX:-UsePerfData',
];
