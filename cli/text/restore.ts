import type { RegisterLacks } from '../../batch/run/restore_register.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { databaseOf } from '../../domain/names.ts';

/** What the register gets, and what it cannot be given, a line each. */
export function lacksText(
  { events, filters, names, differing, onlyInHive }: RegisterLacks,
  isDryRun: boolean,
  kind: EventKind = 'click',
): string {
  const of = kind === 'click' ? '' : `${PLURAL[kind]}: `;
  const copy = `${databaseOf(kind)}.ledger`;
  const does = isDryRun ? 'would be added' : 'added';
  const event = ({ date, seq, run, state }: RegisterLacks['events'][number]): string =>
    `event ${seq} of ${date}: run ${run} ${state}`;
  const lines = [
    ...events.map((row) => `${does}: ${event(row)}`),
    ...filters.map(({ filter_id, revision, name }) => `${does}: revision ${revision} of filter ${filter_id}, ${name}`),
    ...names.map(({ revision, entries }) => `${does}: revision ${revision} of names of ads, ${entries} entries`),
    ...differing.map(
      (row) =>
        `not added: ${event(row)} in ClickHouse's ${copy}, because the register has another event with this number: ` +
        `put back the register that ${copy} was written from`,
    ),
    ...onlyInHive.map(
      ({ date, runs, file }) =>
        `not added: run ${runs.join(', ')} of ${date}, of which only Hive's file tells, and not by its events: put back ` +
        `ClickHouse's ${copy}; to go on without, take ${file} away`,
    ),
  ];
  if (lines.length === 0) return `${of}the register has everything that its copies have\n`;
  return lines.map((line) => `${of}${line}\n`).join('');
}
