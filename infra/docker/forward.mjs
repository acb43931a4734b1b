// Forwards TCP connections from ports of this container to others: node forward.mjs <port>=<host>:<port> …
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

for (const rule of process.argv.slice(2)) {
  const [, port, host, itsPort] = /^(\d+)=([\w.-]+):(\d+)$/.exec(rule) ?? [];
  if (port === undefined) throw new Error(`${rule}: expected <port>=<host>:<port>`);
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host, port: Number(itsPort), allowHalfOpen: true });
    // A connection that breaks on one side is broken on the other.
    pipeline(near, far, () => {});
    pipeline(far, near, () => {});
  });
  server.listen(Number(port), () => process.stdout.write(`${rule}\n`));
}
