import { Gauge, type Registry } from 'prom-client';
import { repeat } from '../infra/repeat.ts';
import type { StartRole } from '../infra/role.ts';
import type { Conservation } from './rule.ts';
import { readStatus } from './status.ts';

/** It costs what `clickledger status` costs: a third of a second of a processor. */
const LOOK_EVERY_MS = 5 * 60_000;

/** Shows each rule as a metric: in how many places two counts differ that must be equal. */
export function conservationMetric(metrics: Registry): (rules: readonly Conservation[]) => void {
  const places = new Gauge({
    name: 'clickledger_conservation_broken_places',
    help: 'In how many places two counts differ that must be equal, by rule; clickledger status names them',
    labelNames: ['event', 'rule'],
    registers: [metrics],
  });
  return (rules) => {
    // A rule that could not be looked at, since an engine is away, has no sample.
    places.reset();
    for (const { event, rule, broken } of rules) places.set({ event, rule }, broken?.places ?? 0);
  };
}

/** A role that looks at conservation meanwhile, for the whole platform. */
export const withConservation =
  (start: StartRole): StartRole =>
  async (context) => {
    const { config, log, metrics } = context;
    const service = await start(context);
    const show = conservationMetric(metrics);
    const looks = repeat(LOOK_EVERY_MS, async () => {
      await readStatus(config).then(
        ({ conservation }) => show(conservation),
        (error: unknown) => log.warn({ err: error }, 'conservation was not looked at; tried again in five minutes'),
      );
    });
    return {
      async stop() {
        // Nobody waits for a look that is under way.
        void looks.stop();
        await service.stop();
      },
    };
  };
