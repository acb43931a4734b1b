import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const pathOf = (name: string): string => require.resolve(`kafkajs/src/${name}`);

/** A module of kafkajs's own, as it came. */
export const kafkajsModule = (name: string): unknown => require(pathOf(name));

/** What is loaded from now on gets `by` under this name. Throws once kafkajs itself is loaded: it would not notice. */
export function replaceModule(name: string, by: unknown): void {
  if (require.cache[require.resolve('kafkajs')]) throw new Error(`kafkajs was loaded before its ${name} was replaced`);
  const loaded = require.cache[pathOf(name)];
  if (loaded === undefined) throw new Error(`kafkajs/src/${name} was not loaded`);
  loaded.exports = by;
}

export const loadKafkajs = (): typeof import('kafkajs') => require('kafkajs');
