import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Registry } from 'prom-client';
import { writeJsonAtomically } from './files.ts';
import { isOfForeignPage } from './hosts.ts';

/** Serves Prometheus metrics at /metrics on a free loopback port. */
export async function serveMetrics(read: () => Promise<string>): Promise<{ url: string }> {
  const server = createServer((request, response) => {
    if (isOfForeignPage(request.headers)) return void response.writeHead(403).end();
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    read().then(
      (text) => response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/metrics` };
}

const targetPath = (dataDir: string, process: string): string => join(dataDir, 'run', 'prometheus', `${process}.json`);

/**
 * Names a process's metrics where Prometheus finds them (`file_sd_configs`). The file stays when the process is killed:
 * that it does not answer is what an alert is raised for.
 */
export function nameTarget(dataDir: string, process: string, url: string): void {
  const path = targetPath(dataDir, process);
  mkdirSync(dirname(path), { recursive: true });
  writeJsonAtomically(path, [{ targets: [new URL(url).host], labels: { process } }]);
}

/** After a stop that was asked for. */
export const forgetTarget = (dataDir: string, process: string): void =>
  rmSync(targetPath(dataDir, process), { force: true });
