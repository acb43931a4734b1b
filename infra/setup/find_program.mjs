import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of a program: in the folder bin of `home` if given, else the first on the PATH; undefined: not found. */
export function findProgram(name, env, home) {
  const folders = home ? [join(home, 'bin')] : (env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
