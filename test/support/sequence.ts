import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { ALONE, APART, FIRST } from './lanes.ts';

const ORDER = [...FIRST, ...Object.keys(ALONE), ...Object.keys(APART)];

/** Files listed in lanes.ts, in its order, before all others of their lane. */
export default class Sequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = ORDER.indexOf(relative(this.ctx.config.root, moduleId));
      return at === -1 ? ORDER.length : at;
    };
    const lane = ({ project }: TestSpecification): number => project.config.sequence.groupOrder ?? 0;
    return (await super.sort(files)).toSorted((a, b) => lane(a) - lane(b) || place(a) - place(b));
  }
}
