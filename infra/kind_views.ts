import { EVENT_KINDS, type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { databaseOf } from '../domain/names.ts';
import { sql, statements } from './sql.ts';

const VIEWS = {
  clickhouse: { ofKind: sql('clickhouse/kinds/views_of_kind.sql'), ofAll: sql('clickhouse/kinds/views_of_all.sql') },
  hive: { ofKind: sql('hive/kinds/views_of_kind.sql'), ofAll: sql('hive/kinds/views_of_all.sql') },
};

/**
 * Statements that show analysts the other kinds in the database of clicks, under names of their own, and all kinds side
 * by side. They are repeated at each start, so that the views have the kinds that are run.
 */
export function kindViews(engine: keyof typeof VIEWS, kinds: readonly EventKind[]): string[] {
  const { ofKind, ofAll } = VIEWS[engine];
  const others = kinds.filter((event) => event !== 'click');
  return [
    ...others.flatMap((event) =>
      statements(ofKind.replaceAll('{database}', databaseOf(event)).replaceAll('{events}', PLURAL[event])),
    ),
    ...statements(
      ofAll
        .replace('{counts}', kinds.map((event) => countsOf(event, engine)).join(' UNION ALL '))
        .replace('{runs}', kinds.map(runsOf).join(' UNION ALL ')),
    ),
  ];
}

/** A kind's counts, and zeros for the others. */
function countsOf(of: EventKind, engine: keyof typeof VIEWS): string {
  const counts = EVENT_KINDS.map((event) => `${event === of ? 'one.clicks' : '0'} AS ${PLURAL[event]}`).join(', ');
  const day = engine === 'hive' ? ', one.dt' : '';
  return `SELECT one.ad_id, one.click_minute AS \`minute\`, one.country, ${counts}${day} FROM ${databaseOf(of)}.clicks_per_minute AS one`;
}

const runsOf = (event: EventKind): string =>
  `SELECT '${event}' AS event, * EXCEPT (clicks), clicks AS events FROM ${databaseOf(event)}.batch_runs`;
