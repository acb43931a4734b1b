import { iso, MINUTE_MS } from '../../../domain/time.ts';
import { freshnessMs } from '../../../domain/watermark.ts';
import type { Log } from '../../../infra/log.ts';
import { reportFinding, settleFinding } from '../../../infra/register/findings.ts';
import type { Register } from '../../../infra/register/register.ts';
import { repeat } from '../../../infra/repeat.ts';
import type { Service } from '../../../infra/role.ts';
import type { Clock } from '../../planner/tops.ts';

interface Watched {
  /** The applied watermark; null: none yet. */
  read(): Promise<number | null>;
  clock(): Clock;
  register: Register;
  log: Log;
}

const NAME = 'watermark-ahead';

/** Whether the applied watermark lies ahead of the clock: then nobody can say how fresh the counts are. */
export async function checkWatermark({ read, clock, register }: Omit<Watched, 'log'>): Promise<void> {
  const watermarkMs = await read();
  if (watermarkMs === null) return;
  const { nowMs, latenessMs } = clock();
  if (freshnessMs(watermarkMs, latenessMs, nowMs) !== null) {
    return settleFinding(register, NAME, 'the watermark is not ahead of the clock');
  }
  await reportFinding(register, NAME, {
    code: 'watermark_ahead',
    what: `the watermark in Elasticsearch, ${iso(watermarkMs)}, is ahead of the broker's clock, ${iso(nowMs)}: nobody knows how fresh counts are, and freshness_seconds is null`,
    mend: 'see that the roles "publisher" and "indexer" run and that all clocks agree ("clickledger status"): the next step that is applied sets it right',
    range: null,
    found_at: iso(nowMs),
  });
}

export const watchWatermark = ({ log, ...watched }: Watched): Service =>
  repeat(MINUTE_MS, () =>
    checkWatermark(watched).catch((error: unknown) => log.debug({ err: error }, 'the watermark was not checked')),
  );
