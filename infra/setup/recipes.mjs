import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { NPM_OPTIONS } from './run.mjs';

const maven = (files = ['pom.xml']) => ({
  tool: 'mvn',
  source: 'Maven Central',
  files,
  command: ({ folder, source, version }) => ({
    file: 'mvn',
    // -gs, not -s: a person's own settings (a mirror of Central, a proxy) stay in force.
    args: [
      // -U: a failure of an earlier attempt is not remembered.
      ...['-B', '-U', '-ntp', '-f', join(source, 'pom.xml')],
      ...(files.includes('settings.xml') ? ['-gs', join(source, 'settings.xml')] : []),
      ...[`-Dengine.version=${version}`, `-Dengine.folder=${folder}`, 'process-resources'],
    ],
    hint: 'check the network, or a proxy or mirror in ~/.m2/settings.xml, then run it again',
  }),
});

/** How each engine is fetched; `files` (in its folder of infra/embedded) are all that decides what is fetched. */
export const RECIPES = {
  kafka: maven(),
  elasticsearch: maven(),
  hive: maven(['pom.xml', 'settings.xml']),
  // No engine: what tests take for S3.
  s3proxy: { ...maven(), version: '2.6.0' },
  clickhouse: {
    tool: 'npm',
    source: 'npm',
    files: ['package.json', 'package-lock.json'],
    prepare: ({ folder, source }) => {
      for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(source, file), join(folder, file));
    },
    command: ({ folder }) => ({
      file: 'npm',
      args: ['ci', '--prefix', folder, ...NPM_OPTIONS],
      hint: 'check the network and the npm registry or proxy settings, then run it again',
    }),
  },
};
