import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { ALONE, APART, FIRST } from './lanes.ts';

const apart = Object.keys(APART);
/** Those that run apart begin with the first of the others, beside whom they run. */
const besides = Object.keys(ALONE).flatMap((file, n) => [file, ...apart.slice(n, n + 1)]);
const ORDER = [...FIRST, ...besides];

/** Files listed in lanes.ts, in its order, before all others that begin with them. */
export default class Sequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = ORDER.indexOf(relative(this.ctx.config.root, moduleId));
      return at === -1 ? ORDER.length : at;
    };
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder ?? 0;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
