import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { embeddedEngines } from '../../infra/embedded/engines.ts';
import { applicationPasswordFile, SECURED } from '../../infra/embedded/password.ts';
import { ENGINE_NAMES, type EngineName } from '../../infra/setup/engines.mjs';
import { Supervisor } from '../../infra/supervisor/supervisor.ts';

/**
 * Runs one embedded engine in a container, until SIGTERM: engine.ts <name> <port> <folder of programs> <folder of data>.
 * Prints `<name> ready` once it answers. The platform's password is ENGINE_PASSWORD.
 */
const [name, port, cacheDir, dataDir] = process.argv.slice(2) as [EngineName, string, string, string];
const secured = SECURED.find((engine) => engine === name);
if (secured !== undefined) {
  const file = applicationPasswordFile(dataDir, secured);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, String(process.env.ENGINE_PASSWORD), { mode: 0o600 });
}
const ports = Object.fromEntries(ENGINE_NAMES.map((engine) => [engine, Number(port)])) as Record<EngineName, number>;
const supervisor = new Supervisor({
  dataDir,
  onEvent: ({ state, reason }) => process.stdout.write(`${name} ${state}${reason ? `: ${reason}` : ''}\n`),
});
for (const engine of embeddedEngines({ dataDir, cacheDir, ports }, [name])) {
  supervisor.add({
    name,
    kind: 'engine',
    prepare: () => engine.prepare(),
    command: () => engine.command(),
    ready: () => engine.ready(),
  });
}
process.once('SIGTERM', () => supervisor.stop().then(() => process.exit(0)));
await supervisor.start();
