interface Row {
  step: string;
  result: string;
  seconds: number;
}

/** What was run, with its result, for a table at the end. */
export class Steps {
  readonly #rows: Row[] = [];
  hasFailed = false;

  /** Runs a step. What `say` makes of its result stands in the table, and may still reject. */
  async run<T>(step: string, work: () => Promise<T>, say: (result: T) => string | Promise<string>): Promise<T> {
    const startedMs = performance.now();
    const row: Row = { step, result: 'not done', seconds: 0 };
    this.#rows.push(row);
    try {
      const result = await work();
      row.result = await say(result);
      return result;
    } catch (error) {
      row.result = 'FAILED';
      throw error;
    } finally {
      row.seconds = Math.round((performance.now() - startedMs) / 100) / 10;
      process.stderr.write(`${step}: ${row.result} (${row.seconds} s)\n`);
    }
  }

  fail(why: string): void {
    this.hasFailed = true;
    process.stderr.write(`${why}\n`);
  }

  print(): void {
    const lines = this.#rows.map(({ step, result, seconds }) => `| ${step} | ${result} | ${seconds} |`);
    process.stdout.write(`| step | result | seconds |\n|---|---|---|\n${lines.join('\n')}\n`);
  }
}
