import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import versions from '../embedded/versions.json' with { type: 'json' };
import { ROLES, type RoleName } from '../role.ts';

interface Service {
  image: string;
  command?: string[];
  container_name?: string;
  healthcheck?: { test?: string[]; disable?: boolean };
  ports?: string[];
  profiles?: string[];
  environment?: Record<string, string | number>;
  secrets?: string[];
  mem_limit?: string;
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  security_opt?: string[];
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { services, secrets } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const all = Object.entries(services);
const ofOurImage = all.filter(([, { image }]) => image.includes('CLICKLEDGER_IMAGE'));
/** They share the partitions of topics as members of a consumer group. */
const MAY_HAVE_COPIES: readonly RoleName[] = ['realtime', 'archive', 'indexer'];

describe('docker-compose.yml', () => {
  test.each(all)('the image of %s has an exact version, and stands in one variable', (_name, { image }) => {
    expect(image).toMatch(/^\$\{[A-Z]+_IMAGE:-[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*\}$/);
    const [variable = ''] = /[A-Z]+_IMAGE/.exec(image) ?? [];
    expect(read('docker-compose.yml').split(`\${${variable}:-`)).toHaveLength(2);
  });

  test.each(Object.entries(versions))('%s is the version that is embedded', (engine, version) => {
    expect(services[engine]?.image).toMatch(new RegExp(`:${version}\\}$`));
  });

  test.each(ROLES.map((role) => [role]))('role %s is a service, with the health check of the image', (role) => {
    expect(services[role]?.command).toEqual(['run', role]);
    expect(services[role]?.healthcheck).toBeUndefined();
    expect(read('Dockerfile')).toMatch(/^HEALTHCHECK .*CMD \["node", "infra\/docker\/health\.mjs"\]$/m);
  });

  test('every role gets all four engines', () => {
    for (const role of ROLES) {
      expect(services[role]?.environment).toMatchObject({
        KAFKA_BROKERS: 'kafka:9092',
        CLICKHOUSE_URL: expect.stringContaining('@clickhouse:8123'),
        HIVE_URL: expect.stringContaining('hive:10000'),
        ELASTICSEARCH_URL: expect.stringContaining('@elasticsearch:9200'),
      });
    }
  });

  test('Prometheus reads the metrics of every role', () => {
    const { scrape_configs } = parse(read('infra/monitoring/prometheus.compose.yml')) as {
      scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[];
    };
    const [{ names, port } = { names: [], port: 0 }] = scrape_configs[0]?.dns_sd_configs ?? [];
    expect(names).toEqual([...ROLES].sort((a, b) => names.indexOf(a) - names.indexOf(b)));
    for (const role of ROLES) expect(services[role]?.environment?.METRICS_LISTEN).toBe(`0.0.0.0:${port}`);
  });

  test('ports are published on loopback only, and except for the API and Grafana only on request', () => {
    const published = all.filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name, { profiles = [] }]) => [name, profiles])).toEqual([
      ['api', []],
      ['grafana', []],
      ['engine-ports', ['analysts']],
    ]);
    for (const [, { ports = [] }] of published) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('every password and token is a file', () => {
    const values = all.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const named = values.filter(([name]) => /PASSWORD|TOKEN|SECRET|KEY/.test(name));
    expect(named.length).toBeGreaterThan(16);
    for (const [name, value] of named) {
      expect(name).toMatch(/_FILE$/);
      const file = /^\/run\/secrets\/(\w+)$/.exec(String(value))?.[1];
      expect(Object.keys(secrets)).toContain(file);
      const owner = all.find(([, { environment }]) => environment?.[name] === value)?.[1];
      expect(owner?.secrets).toContain(file);
    }
    // user:password@
    for (const [, value] of values) expect(String(value)).not.toMatch(/:\/\/[^/]*:[^/]*@/);
  });

  test('a file of a secret is in the ignored folder, and the script makes it', () => {
    for (const [name, { file }] of Object.entries(secrets)) {
      expect(file).toBe(`./secrets/${name}`);
      expect(read('infra/docker/make-secrets.sh')).toContain(name);
    }
    for (const ignored of ['.gitignore', '.dockerignore']) expect(read(ignored)).toMatch(/^secrets\/?$/m);
  });

  test('the engines get no secret that is not theirs', () => {
    for (const engine of Object.keys(versions)) {
      const own = Object.keys(secrets).filter((name) => name.startsWith(`${engine}_`));
      expect(services[engine]?.secrets ?? []).toEqual(own);
    }
  });

  test('every service has a limit of memory', () => {
    for (const [name, { mem_limit }] of all)
      expect([name, mem_limit]).toEqual([name, expect.stringMatching(/^\d+[mg]$/)]);
  });

  test.each(ofOurImage)('%s has a read-only root file system and no rights', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.tmpfs?.[0]).toMatch(/^\/tmp:/);
  });

  test('copies of a role are refused, by a fixed name of its container, unless they share partitions', () => {
    for (const role of ROLES) {
      const name = MAY_HAVE_COPIES.includes(role) ? undefined : `clickledger-${role}`;
      expect([role, services[role]?.container_name]).toEqual([role, name]);
    }
  });

  test('what is set in a file .env is in no image', () => {
    expect(read('.dockerignore').split('\n')).toContain('**/.env*');
  });

  test('engines have health checks', () => {
    for (const engine of Object.keys(versions)) expect(services[engine]?.healthcheck?.test).toBeDefined();
  });
});

test('ClickHouse allows pages and analysts the same as the embedded one', () => {
  const embedded = (file: string): string => read(`infra/embedded/clickhouse/${file}`);
  expect(read('infra/docker/clickhouse/http.xml').replaceAll('(clickhouse|', '(')).toBe(embedded('http.xml'));
  const profileOf = (users: string): string | undefined => /<profiles>.*?(<analyst>.*)<\/profiles>/s.exec(users)?.[1];
  expect(profileOf(read('infra/docker/clickhouse/analyst.xml'))).toBe(
    profileOf(embedded('users.xml'))?.replaceAll('@THREADS@', '2'),
  );
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  test('the image runs the Node that the documents advise', () => {
    const [, major] = /^ARG NODE_IMAGE=node:(\d+)\.\d+\.\d+-/m.exec(dockerfile) ?? [];
    expect(read('README.md')).toContain(`(${major} advised)`);
    expect(read('infra/setup/setup.mjs')).toContain(`install Node ${major}`);
    for (const [, base] of dockerfile.matchAll(/^FROM (\S+)/gm)) expect(base).toBe(`\${NODE_IMAGE}`);
  });

  test('the last stage runs as a user who is not root', () => {
    const [last = ''] = dockerfile.split(/^FROM /m).slice(-1);
    expect(/^USER (\d+)/m.exec(last)?.[1]).toBe('1000');
    expect(last).not.toMatch(/^RUN npm/m);
  });
});
