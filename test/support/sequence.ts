import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { ALONE, APART, FIRST } from './lanes.ts';

/** Files listed in lanes.ts, in its order, before all others that begin with them. */
export default class Sequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const nameOf = ({ moduleId }: TestSpecification): string => relative(this.ctx.config.root, moduleId);
    const order = orderOf(new Set(files.map(nameOf)));
    const place = (file: TestSpecification): number => {
      const at = order.indexOf(nameOf(file));
      return at === -1 ? order.length : at;
    };
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder ?? 0;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}

/** Files of the two lanes that run beside each other take turns: each lane has its first ones from the start. */
function orderOf(files: Set<string>): string[] {
  const ofLane = (lane: Record<string, string>): string[] => Object.keys(lane).filter((file) => files.has(file));
  const [alone, apart] = [ofLane(ALONE), ofLane(APART)];
  const pairs = Array.from({ length: Math.max(alone.length, apart.length) }, (_, n) => [alone[n], apart[n]]);
  return [...FIRST, ...pairs.flat().filter((file) => file !== undefined)];
}
