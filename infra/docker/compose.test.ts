import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import versions from '../embedded/versions.json' with { type: 'json' };
import { ROLES } from '../role.ts';

interface Service {
  image: string;
  command?: string[];
  healthcheck?: { test: string[] };
  ports?: string[];
  profiles?: string[];
  environment?: Record<string, string | number>;
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };

describe('docker-compose.yml', () => {
  test.each(Object.entries(versions))('%s is the version that is embedded', (engine, version) => {
    expect(services[engine]?.image.split(':').at(-1)).toBe(version);
  });

  test.each(ROLES.map((role) => [role]))('role %s is a service with its own health check', (role) => {
    expect(services[role]?.command).toEqual(['run', role]);
    expect(services[role]?.healthcheck?.test.at(-1)).toBe(role);
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
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name, { profiles = [] }]) => [name, profiles])).toEqual([
      ['api', []],
      ['grafana', []],
      ['engine-ports', ['analysts']],
    ]);
    for (const [, { ports = [] }] of published) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('every password must be set by the operator', () => {
    const values = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
    const secrets = values.flatMap(([name, value]) => {
      const inUrl = /^https?:\/\/[^:]+:(.*)@/.exec(String(value))?.[1];
      return inUrl ?? (/PASSWORD|TOKEN|SECRET|KEY/.test(name) ? String(value) : []);
    });
    expect(secrets.length).toBeGreaterThan(16);
    for (const secret of secrets) expect(secret).toMatch(/^\$\{\w+:\?[^}]+\}$/);
  });

  test('what is set in a file .env is in no image', () => {
    expect(read('.dockerignore').split('\n')).toContain('**/.env*');
  });

  test('engines have health checks', () => {
    for (const engine of Object.keys(versions)) expect(services[engine]?.healthcheck).toBeDefined();
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

test('the image runs the Node that the documents advise', () => {
  const [, major] = /FROM node:(\d+)-/.exec(read('Dockerfile')) ?? [];
  expect(read('README.md')).toContain(`(${major} advised)`);
  expect(read('infra/setup/setup.mjs')).toContain(`install Node ${major}`);
});
