import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARKER = '.complete';

/** Records in the folder its number of files and bytes. Returns the bytes. */
export function markWhole(folder) {
  rmSync(join(folder, MARKER), { force: true });
  const size = sizeOf(folder);
  writeFileSync(join(folder, MARKER), JSON.stringify(size));
  return size.bytes;
}

/** Whether the folder was marked, and has lost nothing since. */
export function isWhole(folder) {
  try {
    const marked = JSON.parse(readFileSync(join(folder, MARKER), 'utf8'));
    const { files, bytes } = sizeOf(folder);
    return files === marked.files && bytes === marked.bytes;
  } catch {
    return false;
  }
}

function sizeOf(folder) {
  const total = { files: 0, bytes: 0 };
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      const inner = sizeOf(join(folder, entry.name));
      total.files += inner.files;
      total.bytes += inner.bytes;
    } else if (entry.isFile() && entry.name !== MARKER) {
      total.files += 1;
      total.bytes += statSync(join(folder, entry.name)).size;
    }
  }
  return total;
}
