/** Bytes that are no lines. Case differs between programs, and some put no second extension behind `.log`. */
const COMPRESSED = /\.(gz|tgz|z|zip|zst|zstd|bz2|bz|tbz2?|xz|txz|lz|lz4|lzo|lzma|br|sz|snappy|7z|rar)$/i;

export const isCompressed = (path: string): boolean => COMPRESSED.test(path);

/** A counter, a date or a time, or several of them: `1`, `20210101`, `2021-01-01-3`, `20260101-120000`. */
const STAMP = /^\d[\d_.T:Z+-]*$/;

/** How a file is named after a log. */
interface RotatedName {
  /** Name of the log. */
  log: string;
  /** The stamp stands before the extension (`web-20210101.log`), so the file may just as well be a log of its own. */
  isWithin: boolean;
}

/**
 * The log that a file was rotated from, by its name: `<log>.*` and `<log>-<stamp>` (logrotate, nginx, Kubernetes,
 * Docker), or `web-<stamp>.log`, `web.<stamp>.log` of `web.log` (logrotate with `extension`, log4j2, Logback), also with
 * the extension of a compressed file behind it. Null if there is no such log.
 */
export function rotatedFrom(name: string, isLog: (name: string) => boolean): RotatedName | null {
  if (!isCompressed(name)) return fromName(name, isLog);
  const bare = name.slice(0, name.lastIndexOf('.'));
  return isLog(bare) ? { log: bare, isWithin: false } : fromName(bare, isLog);
}

function fromName(name: string, isLog: (name: string) => boolean): RotatedName | null {
  for (let at = 1; at < name.length; at++) {
    const isDot = name[at] === '.';
    if ((isDot || isStamp(name, at)) && isLog(name.slice(0, at))) return { log: name.slice(0, at), isWithin: false };
  }
  const extension = name.slice(Math.max(name.lastIndexOf('.'), 1));
  const stem = name.slice(0, -extension.length);
  for (let at = 1; at < stem.length; at++) {
    const log = name.slice(0, at) + extension;
    if ((stem[at] === '.' || isSeparator(stem, at)) && STAMP.test(stem.slice(at + 1)) && isLog(log)) {
      return { log, isWithin: true };
    }
  }
  return null;
}

const isSeparator = (name: string, at: number): boolean => name[at] === '-' || name[at] === '_';
const isStamp = (name: string, at: number): boolean => isSeparator(name, at) && STAMP.test(name.slice(at + 1));

/** Patterns of siblings, beside what the pattern itself matches. */
export function siblingPatterns(pattern: string): string[] {
  const after = [`${pattern}{.*,[-_][0-9]*}`];
  const [, stem, extension] = /^(.*[^*/])(\.[A-Za-z0-9]+)$/.exec(pattern) ?? [];
  return stem === undefined ? after : [...after, `${stem}[-_.][0-9]*${extension}*`];
}
