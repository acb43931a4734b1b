import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { readConfig } from '../infra/config.ts';
import { ENGINE_NAMES } from '../infra/setup/engines.mjs';
import { environmentOf, processesOf } from './support/processes.ts';
import { asSecondUser, mayBeSomebodyElse, reachable } from './support/second_user.ts';

const { dataDir, urls } = readConfig(inject('env'));
const embedded = ENGINE_NAMES.filter((name) => urls[name] === undefined);

test('the folder was open to everybody before the start, and is closed', () => {
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
});

test.runIf(mayBeSomebodyElse)('another user of the machine reaches no file of DATA_DIR, even by name', () => {
  expect(reachable(dataDir)).toEqual([]);
  for (const path of ['engines/clickhouse/password', 'analysts/elasticsearch', 'run/api.json', 'logs-roles/api.log']) {
    expect(asSecondUser(['cat', join(dataDir, path)]).code).not.toBe(0);
  }
});

test.runIf(mayBeSomebodyElse)('its contents are closed too, where the folder itself must let others pass', () => {
  chmodSync(dataDir, 0o755);
  try {
    expect(reachable(dataDir)).toEqual([dataDir]);
  } finally {
    chmodSync(dataDir, 0o700);
  }
});

test.each(embedded)('%s has only the listed variables, not those of its supervisor', (name) => {
  const own = {
    kafka: [],
    clickhouse: [],
    elasticsearch: ['ES_JAVA_HOME', 'ES_PATH_CONF', 'ES_TMPDIR', 'ES_JAVA_OPTS'],
    hive: ['HADOOP_USER_NAME', 'HIVE_HOME', 'HADOOP_HOME', 'METASTORE_HOME', 'HIVE_CONF_DIR'],
  };
  // Variables added by the shells and launchers in between.
  const added = [
    'PWD',
    'OLDPWD',
    'SHLVL',
    '_',
    'LIBFFI_TMPDIR',
    'ES_HOME',
    'HOSTNAME',
    'ES_DISTRIBUTION_TYPE',
    'ES_JAVA_TYPE',
  ];
  const ofMachine = [
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'LANG',
    'LC_ALL',
    'TZ',
    'JAVA_HOME',
    'LD_LIBRARY_PATH',
  ];
  const named = [...ofMachine, ...added, ...(own[name as keyof typeof own] as string[])];
  for (const pid of processesOf(dataDir, name)) {
    const variables = environmentOf(pid);
    const names = variables.map((entry) => entry.slice(0, entry.indexOf('=')));
    expect(names.filter((one) => !named.includes(one) && !one.startsWith('AWS_'))).toEqual([]);
    expect(variables.filter((entry) => entry.includes('canary'))).toEqual([]);
  }
});
