import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf } from '../domain/time.ts';

/** Writes a result into `<day>-<name>.md`; a later one of the same day gets `-2`, `-3` and so on. Returns the path. */
export function recordIn(folder: string, name: string, text: string, nowMs: number): string {
  mkdirSync(folder, { recursive: true });
  for (let n = 1; ; n++) {
    const path = join(folder, `${dayOf(nowMs)}-${name}${n === 1 ? '' : `-${n}`}.md`);
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
