import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createServer, connect as tlsConnect } from 'node:tls';
import type { Certificate } from '../certificates.ts';
import { TiedSockets } from '../tied_sockets.ts';

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
  const sockets = new TiedSockets();
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
    const to = { port: behind.port, host: '127.0.0.1' };
    const inner = behind.isTls ? tlsConnect({ ...to, rejectUnauthorized: false }) : connect(to);
    sockets.tie(client, inner);
    client.pipe(inner).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.end();
      }),
  };
}
