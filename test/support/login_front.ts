import { type AddressInfo, connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import type { Sasl } from '../../infra/engine_settings/addresses.ts';
import { TiedSockets } from './tied_sockets.ts';

const HOST = '127.0.0.1';
const [HANDSHAKE, AUTHENTICATE] = [17, 36];

interface LoginFront {
  /** `host:port` */
  broker: string;
  close(): void;
}

/**
 * A listener before a broker of this machine that logs in for its clients: for releases that know no SASL. The broker
 * sends clients on to its own port; they are sent to this one instead.
 */
export async function startLoginFront(brokerPort: number, sasl: Sasl): Promise<LoginFront> {
  const sockets = new TiedSockets();
  const server = createServer((client) => {
    const broker = connect(brokerPort, HOST);
    sockets.tie(client, broker);
    const { port } = server.address() as AddressInfo;
    broker.write(frame(HANDSHAKE, 1, sized('PLAIN', 2)));
    broker.write(frame(AUTHENTICATE, 0, sized(`\0${sasl.username}\0${sasl.password}`, 4)));
    broker.pipe(answersTo(brokerPort, port)).pipe(client);
    client.pipe(broker);
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    broker: `${HOST}:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      sockets.end();
    },
  };
}

/** The broker's answers but for the first two, which are to the login, with another port in the place of its own. */
function answersTo(brokerPort: number, port: number): Transform {
  const [own, other] = [placeOf(brokerPort), placeOf(port)];
  let rest: Buffer = Buffer.alloc(0);
  let logins = 2;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const size = rest.length < 4 ? Number.POSITIVE_INFINITY : 4 + rest.readInt32BE();
        if (rest.length < size) return done();
        const answer = rest.subarray(0, size);
        rest = rest.subarray(size);
        if (logins > 0) {
          logins--;
          // Size and correlation id come first.
          if (answer.readInt16BE(8) !== 0) return done(new Error('the broker refuses the login'));
          continue;
        }
        for (let at = answer.indexOf(own); at !== -1; at = answer.indexOf(own, at + own.length)) other.copy(answer, at);
        this.push(answer);
      }
    },
  });
}

/** Host and port as answers have them. */
function placeOf(port: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(port);
  return Buffer.concat([sized(HOST, 2), bytes]);
}

function frame(key: number, version: number, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt16BE(key);
  header.writeInt16BE(version, 2);
  return sized(Buffer.concat([header, sized('login-front', 2), body]), 4);
}

function sized(content: string | Buffer, bytes: 2 | 4): Buffer {
  const size = Buffer.alloc(bytes);
  size.writeIntBE(Buffer.byteLength(content), 0, bytes);
  return Buffer.concat([size, Buffer.from(content as string)]);
}
