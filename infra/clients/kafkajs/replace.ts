import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const pathOf = (name: string): string => require.resolve(`kafkajs/src/${name}`);

/** A module of kafkajs's own, as it came. */
export const kafkajsModule = (name: string): unknown => require(pathOf(name));

/** What is loaded from now on gets `by` under this name. */
export function replaceModule(name: string, by: unknown): void {
  const loaded = require.cache[pathOf(name)];
  if (loaded === undefined) throw new Error(`kafkajs/src/${name} was not loaded`);
  loaded.exports = by;
}
