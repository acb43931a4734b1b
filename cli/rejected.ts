import { Command, InvalidArgumentError, Option } from 'commander';
import { REJECT_REASONS, type RejectReason } from '../domain/click/click.ts';
import type { RejectedLines } from '../domain/rejected.ts';
import { atMostEvery } from '../infra/at_most_every.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { rejectedLines } from '../ingest/redrive/rejected_lines.ts';
import { entryText, reasonsText, resultText } from './text/rejected.ts';

const DEFAULT_LIMIT = 20;
const REPORT_EVERY_MS = 2_000;
/** Width if standard output is not a terminal. */
const COLUMNS = 160;

interface Options {
  reason?: RejectReason;
  limit?: number;
  redrive?: true;
  json?: true;
}

const limitArgument = (text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 9999.');
  return Number(text);
};

export const rejectedCommand = (): Command =>
  new Command('rejected')
    .addOption(new Option('--reason <reason>', 'only those with one reason').choices(REJECT_REASONS))
    .addOption(
      new Option('--limit <n>', `list the latest n, whole (default with --reason: ${DEFAULT_LIMIT})`)
        .argParser(limitArgument)
        .conflicts('redrive'),
    )
    .option(
      '--redrive',
      'send again what is now a valid event, to the topic of its kind (all reasons, or the one given); safe to repeat',
    )
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const config = await readPlatformConfig(process.env);
      const lines = rejectedLines(config, createLog('rejected'));
      const { document, text } = await (options.redrive ? redriven(lines, options) : listed(lines, options));
      process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : text);
    });

interface Answer {
  document: unknown;
  text: string;
}

async function listed(lines: RejectedLines, { reason, limit }: Options): Promise<Answer> {
  const { reasons, rejected } = await lines.list({ reason, limit: limit ?? DEFAULT_LIMIT }, reporter());
  const width = process.stdout.columns ?? COLUMNS;
  if (reason === undefined && limit === undefined) return { document: { reasons }, text: reasonsText(reasons, width) };
  return {
    document: { reasons, rejected },
    text: rejected.length === 0 ? 'nothing rejected\n' : rejected.map(entryText).join(''),
  };
}

async function redriven(lines: RejectedLines, { reason }: Options): Promise<Answer> {
  const result = await lines.redrive(reason ?? null, reporter());
  return { document: result, text: resultText(result) };
}

/** Progress for an interactive user: every two seconds on standard error. */
function reporter(): (progress: string) => void {
  const isTime = atMostEvery(REPORT_EVERY_MS);
  // Whoever is answered sooner needs none.
  isTime();
  return (progress) => {
    if (isTime()) process.stderr.write(`${progress}\n`);
  };
}
