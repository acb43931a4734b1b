import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../config.ts';
import { ROLES } from '../role.ts';
import { findProgram } from '../setup/find_program.mjs';

interface Probe {
  httpGet: { path: string; port: string };
}
interface Container {
  args: string[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  resources: { limits: { memory: string } };
  securityContext: object;
  env?: { name: string; value?: string }[];
}
interface Manifest {
  kind: string;
  data?: Record<string, string>;
  spec: { replicas?: number; strategy?: { type: string }; template: { spec: Pod } };
}
interface Pod {
  automountServiceAccountToken: boolean;
  securityContext: object;
  containers: [Container];
  volumes: { name: string; secret?: { secretName: string } }[];
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yml'));
const manifestsOf = (name: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8')).map((document) => document.toJS() as Manifest);
const podOf = (name: string): Pod => (manifestsOf(`${name}.yml`)[0] as Manifest).spec.template.spec;
/** pip install kubernetes-validate, in a virtual environment on the PATH. */
const VALIDATE = findProgram('kubernetes-validate', process.env);

test('each role has a manifest, and nothing else has but the settings and migrate', () => {
  expect(files.sort()).toEqual([...ROLES, 'migrate', 'settings'].map((name) => `${name}.yml`).sort());
});

describe.each([...ROLES, 'migrate'])('%s', (name) => {
  const pod = podOf(name);
  const [container] = pod.containers;

  test('runs its command, within a limit of memory', () => {
    expect(container.args).toEqual(name === 'migrate' ? ['migrate'] : ['run', name]);
    expect(container.resources.limits.memory).toMatch(/^\d+Mi$/);
  });

  test('is not root, writes to no root file system and has no rights', () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('has its secrets as files', () => {
    expect(pod.volumes.find(({ secret }) => secret)?.secret?.secretName).toBe('clickledger');
    for (const { name: variable, value } of container.env ?? []) {
      if (/PASSWORD|TOKEN|KEY/.test(variable)) expect(value).toMatch(/^\/run\/secrets\//);
    }
  });

  test.skipIf(name === 'migrate')('has probes that the role answers', () => {
    expect(container.startupProbe?.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'metrics' });
  });
});

test('a role of which there is one is stopped before the next is started', () => {
  for (const role of ['publisher', 'nightly']) {
    expect(manifestsOf(`${role}.yml`)[0]?.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  }
  expect(manifestsOf('ingest.yml')[0]).toMatchObject({
    kind: 'DaemonSet',
    spec: { updateStrategy: { rollingUpdate: { maxSurge: 0 } } },
  });
});

test('the settings are settings, without a password', () => {
  const { data = {} } = manifestsOf('settings.yml')[0] as Manifest;
  for (const [name, value] of Object.entries(data)) {
    if (/PASSWORD|TOKEN|KEY/.test(name)) expect(value).toMatch(/^\/run\/secrets\//);
    expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@/);
  }
  const withoutFiles = Object.fromEntries(Object.entries(data).filter(([name]) => !name.endsWith('_FILE')));
  expect(readConfig(withoutFiles)).toMatchObject({ dataDir: '/var/lib/clickledger', metricsListen: { port: 9464 } });
});

describe.skipIf(VALIDATE === undefined)(
  'kubernetes-validate (skipped where it is not on the PATH) finds nothing wrong',
  () => {
    test.each(files)('in %s', (name) => {
      const { status, stdout, stderr } = spawnSync(String(VALIDATE), ['--strict', join(FOLDER, name)], {
        encoding: 'utf8',
      });
      expect([status, stdout + stderr]).toEqual([0, expect.any(String)]);
    });
  },
);
