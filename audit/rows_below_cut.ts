import { withReadable } from '../batch/archive/cold/readable.ts';
import { MEMORY_MB, withDuck } from '../batch/archive/files/duckdb.ts';
import type { ArchivedFile } from '../batch/archive/files/manifest.ts';
import { rowsBelow } from '../batch/run/inputs.ts';
import type { Cut } from '../domain/cut.ts';
import type { WithHive } from './cold_sizes.ts';

/** A cut through a day, and the number of archived rows of the day below it. */
export interface DayCut {
  day: string;
  cut: Cut;
  rows: number;
  /** False while a file that the cut goes through is in cold storage and cannot be fetched. */
  known: boolean;
}

type File = Pick<ArchivedFile, 'day' | 'path' | 'rows' | 'min_topic_offset' | 'max_topic_offset'>;

/** Counts by the manifests; only files that a cut goes through are opened. */
export class RowsBelow {
  readonly #cuts = new Map<string, DayCut[]>();
  readonly #through: { cut: DayCut; day: string; path: string; offset: number }[] = [];
  /** All archived rows of each day. */
  readonly days = new Map<string, number>();

  of(day: string, cut: Cut): DayCut {
    const counted = { day, cut, rows: 0, known: true };
    this.#cuts.set(day, [...(this.#cuts.get(day) ?? []), counted]);
    return counted;
  }

  add(topicPartition: string, files: File[]): void {
    for (const { day, path, rows, min_topic_offset, max_topic_offset } of files) {
      this.days.set(day, (this.days.get(day) ?? 0) + rows);
      for (const cut of this.#cuts.get(day) ?? []) {
        const offset = cut.cut[topicPartition] ?? 0;
        if (max_topic_offset < offset) cut.rows += rows;
        else if (min_topic_offset < offset) this.#through.push({ cut, day, path, offset });
      }
    }
  }

  async finish(archiveDir: string, withHive: WithHive): Promise<void> {
    if (this.#through.length === 0) return;
    const scratch = `status-${process.pid}`;
    await withDuck(archiveDir, MEMORY_MB, async (duck) => {
      for (const through of this.#through) {
        const { cut, offset } = through;
        const countIt = () =>
          withReadable({ archiveDir, scratch }, [through], withHive, async ([file]) => {
            // An unreadable file counts as empty; another rule reports that it is missing or broken.
            cut.rows += await rowsBelow(duck, file?.at ?? '', offset).catch(() => 0);
          });
        await countIt().catch(() => {
          cut.known = false;
        });
      }
    });
  }
}
