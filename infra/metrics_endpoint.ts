import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { dirname, join } from 'node:path';
import { Registry } from 'prom-client';
import { ConfigError } from './config_error.ts';
import { writeJsonAtomically } from './files.ts';
import { isOfForeignPage, LOOPBACK_NAMES } from './hosts.ts';

const ON_LOOPBACK = { host: '127.0.0.1', port: 0 };

/**
 * Serves Prometheus metrics at /metrics, for no page in a browser. Without an address of its own, on loopback at a free
 * port, and under names of loopback only. For probes of containers, /livez answers as long as the process does, and
 * /readyz says whether `isReady`.
 */
export async function serveMetrics(
  read: () => Promise<string>,
  listen: { host: string; port: number } = ON_LOOPBACK,
  isReady: () => boolean = () => true,
): Promise<{ url: string }> {
  const isOfPage = ({ headers }: IncomingMessage): boolean =>
    LOOPBACK_NAMES.has(listen.host) ? isOfForeignPage(headers) : headers.origin !== undefined;
  const server = createServer((request, response) => {
    if (isOfPage(request)) return void response.writeHead(403).end();
    if (request.url === '/livez') return void response.writeHead(200).end();
    if (request.url === '/readyz') return void response.writeHead(isReady() ? 200 : 503).end();
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    read().then(
      (text) => response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new ConfigError(`METRICS_LISTEN: cannot listen on ${listen.host}:${listen.port}: ${cause.message}`, { cause }),
      ),
    );
    server.listen(listen.port, listen.host, resolve);
  });
  server.unref();
  const { address, port } = server.address() as AddressInfo;
  return { url: `http://${isIPv6(address) ? `[${address}]` : address}:${port}/metrics` };
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
