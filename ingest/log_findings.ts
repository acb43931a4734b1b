import { DAY_MS, dayOf, dayStartMs, iso } from '../domain/time.ts';
import { sha256Hex } from '../infra/hash.ts';
import type { Finding } from '../infra/register/findings.ts';
import type { ForeignLink } from './links.ts';

interface OfGeneration {
  generation: string;
  path: string;
}

/** What may have been counted twice, or was not counted, because of how files were moved about. */
export type LogWarning =
  /** Bytes that nobody has read are gone. */
  | (OfGeneration & {
      code: 'log_unread';
      offset: number;
      /** Null: nobody knows how many, if any. */
      bytes: number | null;
      /** A compressed file that has them, or may have them. */
      compressed: string | null;
      /** When the file was born and last changed (epoch ms), as far as that is known. */
      bornMs: number | null;
      changedMs: number | null;
    })
  /** A file with unread bytes is there again. */
  | { code: 'log_found'; generation: string }
  /** A file is read from its beginning, which has the bytes of one that was counted. */
  | (OfGeneration & { code: 'log_counted_again'; bytes: number; before: string })
  /** A file is read from where another was left, because it has its name and its bytes. */
  | (OfGeneration & { code: 'log_taken_for_moved'; bytes: number; before: string })
  /** A file whose name is not UTF-8 is not read. */
  | { code: 'log_name'; path: string; bytes: number | null }
  /** A file is not read, because somebody else's symbolic link leads to it. */
  | { code: 'log_link'; path: string; bytes: number; owner: number; link: ForeignLink };

export type WarningOfFile = Exclude<LogWarning, { code: 'log_found' }>;

/** Name of the matter in the register. */
export const unreadName = (generation: string): string => `ingest-unread-${generation}`;

export function findingOfFile(host: string, warning: WarningOfFile, nowMs: number): { name: string; finding: Finding } {
  const { code } = warning;
  const found_at = iso(nowMs);
  const file = `${JSON.stringify(warning.path)} on ${host}`;
  const common = { code, range: null, found_at };
  switch (code) {
    case 'log_unread': {
      const { bytes, offset, compressed } = warning;
      const gone =
        compressed === null
          ? 'is gone'
          : `is gone; ${JSON.stringify(compressed)} ${bytes === null ? 'may have it' : 'has it'}`;
      const what =
        bytes === null
          ? `${file} was read up to byte ${offset} and ${gone}: what was written behind that is not counted, if there was anything`
          : `${file} was read up to byte ${offset} and ${gone}: ${bytes} bytes behind that were not read, and are not counted`;
      const mend =
        compressed === null
          ? `put the file back beside its log, under the name it had, if there is still a copy: it is read from byte ${offset}`
          : `unpack it beside its log (gunzip -k, zstd -dk …): it is read from byte ${offset}; remove it when "status" has no unread bytes`;
      const range = bytes === null ? null : rangeOf(warning);
      return {
        name: unreadName(warning.generation),
        finding: { ...common, what, mend, range, ...(bytes === null && { is_operational: true }) },
      };
    }
    case 'log_counted_again':
      return {
        name: `ingest-again-${warning.generation}`,
        finding: {
          ...common,
          what: `${file} begins with the ${warning.bytes} bytes of ${JSON.stringify(warning.before)} that were counted, and was counted from its beginning: either the same lines were written once more, or they are counted twice`,
          mend: 'if it is a copy, take copies out of LOG_GLOB, and copy logs with their times (cp -a, rsync -a): then each line counts once. Then settle this',
          is_operational: true,
        },
      };
    case 'log_taken_for_moved':
      return {
        name: `ingest-moved-${warning.generation}`,
        finding: {
          ...common,
          what: `${file} begins with the ${warning.bytes} bytes of ${JSON.stringify(warning.before)} that were counted, and was taken for that log in another folder: these were not counted again`,
          mend: 'nothing, if the log was moved; if other events were written with the same bytes, write them to a log of another name. Then settle this',
          is_operational: true,
        },
      };
    case 'log_link': {
      const { bytes, owner, link } = warning;
      return {
        name: `ingest-link-${hashOf(host, warning.path)}`,
        finding: {
          ...common,
          what: `${file} (${bytes} bytes) belongs to user ${owner}, and ${JSON.stringify(link.path)}, which leads there, is a symbolic link of user ${link.owner}: it is not read, since whoever may make files among the logs could have any file read`,
          mend: `if it is a log, name it itself in LOG_GLOB, or let the link belong to root, to the log monitor's user or to that of the file (chown -h). Then settle this`,
          is_operational: true,
        },
      };
    }
    case 'log_name': {
      const bytes = warning.bytes === null ? 'an unknown number of bytes' : `${warning.bytes} bytes`;
      return {
        name: `ingest-name-${hashOf(host, warning.path)}`,
        finding: {
          ...common,
          what: `${file} (${bytes}) has a name that is not UTF-8, and is not read`,
          mend: 'rename it: it is then read from its beginning. Then settle this',
          is_operational: true,
        },
      };
    }
  }
}

/** Whole days, from the file's birth to its last change: lines are written when things happen. */
function rangeOf({ bornMs, changedMs }: { bornMs: number | null; changedMs: number | null }): Finding['range'] {
  if (bornMs === null || changedMs === null) return null;
  return { from: iso(dayStartMs(dayOf(Math.min(bornMs, changedMs)))), to: iso(dayStartMs(dayOf(changedMs)) + DAY_MS) };
}

const hashOf = (...parts: string[]): string => sha256Hex(JSON.stringify(parts)).slice(0, 16);
