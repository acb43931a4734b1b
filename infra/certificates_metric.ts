import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { Gauge, type Registry } from 'prom-client';
import type { EngineAddresses, Tls } from './engine_settings/addresses.ts';
import { hostAndPort, withoutBrackets } from './hosts.ts';

const LOOK_EVERY_MS = 3_600_000;
const LIMIT_MS = 5_000;

interface Place {
  engine: string;
  host: string;
  port: number;
  tls: Tls;
}

/** Where engines are that are reached by TLS. */
export function placesByTls({ kafka, clickhouse, elasticsearch, hive }: EngineAddresses): Place[] {
  const ofUrls = (engine: string, urls: string[], tls: Tls): Place[] =>
    urls
      .map((url) => new URL(url))
      .filter(({ protocol }) => protocol === 'https:')
      .map(({ hostname, port }) => ({ engine, host: withoutBrackets(hostname), port: Number(port || 443), tls }));
  const brokers = kafka?.tls ? kafka.brokers.map((broker) => ({ ...hostAndPort(broker), tls: kafka.tls as Tls })) : [];
  const servers = hive?.tls ? hive.hosts.map((server) => ({ ...server, tls: hive.tls as Tls })) : [];
  return [
    ...brokers.map((place) => ({ engine: 'kafka', ...place })),
    ...(clickhouse ? ofUrls('clickhouse', [clickhouse.url], tlsOf(clickhouse)) : []),
    ...(elasticsearch ? ofUrls('elasticsearch', elasticsearch.nodes, tlsOf(elasticsearch)) : []),
    ...servers.map((place) => ({ engine: 'hive', ...place })),
  ];
}

const tlsOf = ({ ca }: { ca?: string }): Tls => (ca === undefined ? {} : { ca });

/** Until when the certificates that engines show are valid. An engine that does not answer has no sample. */
export function watchCertificates(metrics: Registry, addresses: EngineAddresses): void {
  const places = placesByTls(addresses);
  let [readMs, expiries]: [number, Promise<(number | null)[]>] = [Number.NEGATIVE_INFINITY, Promise.resolve([])];
  new Gauge({
    name: 'clickledger_certificate_expires_timestamp_seconds',
    help: 'Until when the certificate that an engine shows is valid',
    labelNames: ['engine', 'address'],
    registers: [metrics],
    async collect() {
      // However often the metrics are asked for.
      if (performance.now() - readMs >= LOOK_EVERY_MS) {
        [readMs, expiries] = [performance.now(), Promise.all(places.map(expiryOf))];
      }
      const found = await expiries;
      this.reset();
      for (const [i, { engine, host, port }] of places.entries()) {
        const ms = found[i] ?? null;
        if (ms !== null) this.set({ engine, address: `${host}:${port}` }, ms / 1_000);
      }
    },
  });
}

/** Epoch milliseconds; null: it does not answer. */
const expiryOf = ({ host, port, tls }: Place): Promise<number | null> =>
  new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ...tls,
      // Nothing is sent, and one that has expired is to be shown too.
      rejectUnauthorized: false,
    });
    const end = (ms: number | null): void => {
      socket.destroy();
      resolve(ms);
    };
    socket.setTimeout(LIMIT_MS, () => end(null));
    socket.once('error', () => end(null));
    socket.once('secureConnect', () => {
      const ms = Date.parse(socket.getPeerCertificate().valid_to);
      end(Number.isNaN(ms) ? null : ms);
    });
  });
