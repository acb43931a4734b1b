import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { createServer, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Certificate } from '../certificates.ts';

/** A listener of TLS before a server, as a balancer is. */
export interface Front {
  port: number;
  close(): Promise<void>;
}

interface Behind {
  port: number;
  /** Whether the server speaks TLS itself: its certificate is not looked at. */
  isTls?: boolean;
}

/** What comes in under the certificate goes to the server as it is, and back. */
export async function startFront({ cert, key }: Certificate, behind: Behind): Promise<Front> {
  const open = new Set<Socket | TLSSocket>();
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
    const to = { port: behind.port, host: '127.0.0.1' };
    const inner = behind.isTls ? tlsConnect({ ...to, rejectUnauthorized: false }) : connect(to);
    for (const [one, other] of [
      [client, inner],
      [inner, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
