// Health check of a role's container: the role in it says that it has begun its work. It is asked at its own address, and
// not looked up in DATA_DIR, which copies of a role share.
const address = process.env.METRICS_LISTEN ?? '';
const port = /:(\d+)$/.exec(address)?.[1];
// A role that listens on all addresses answers on loopback too.
const host = address.slice(0, -`:${port}`.length).replace(/^(0\.0\.0\.0|\[::\])$/, '127.0.0.1');
try {
  if (port === undefined) throw new Error(`METRICS_LISTEN: is "${address}"; expected host:port, such as 0.0.0.0:9464`);
  const answer = await fetch(`http://${host}:${port}/readyz`, { signal: AbortSignal.timeout(4_000) });
  if (!answer.ok) throw new Error(`not ready: ${answer.status}`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
