import { randomNumbers } from '../../infra/traffic/lines.ts';
import { shuffled } from '../schedule.ts';
import type { Disaster } from './disaster.ts';
import { ENGINE_DISASTERS } from './engine_disasters.ts';
import { KAFKA_DISASTERS } from './kafka_disasters.ts';
import { PROCESS_DISASTERS } from './process_disasters.ts';

export const DISASTERS: readonly Disaster[] = [...ENGINE_DISASTERS, ...KAFKA_DISASTERS, ...PROCESS_DISASTERS];

const NAMES = DISASTERS.map(({ name }) => name);

/** All in the order of the seed, or those that are named. Throws, with the names there are, if there is none such. */
export function chosen(seed: number, only: readonly string[] = NAMES): Disaster[] {
  const unknown = only.find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new Error(`--only: there is no disaster "${unknown}"; there are ${NAMES.join(', ')}`);
  return shuffled(DISASTERS, randomNumbers(seed)).filter(({ name }) => only.includes(name));
}
