import { Command } from 'commander';
import { ConfigError } from '../infra/config.ts';
import { umaskOf } from '../infra/data_dir/close.ts';
import { StartError } from '../infra/supervisor/types.ts';

/** Loaded on demand: a role, which is restarted after each failure, does not wait for the code of others. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./up.ts')).upCommand(),
  run: async () => (await import('./run.ts')).runCommand(),
  migrate: async () => (await import('./migrate.ts')).migrateCommand(),
  status: async () => (await import('./status.ts')).statusCommand(),
  generate: async () => (await import('./generate.ts')).generateCommand(),
  rebuild: async () => (await import('./rebuild.ts')).rebuildCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  runs: async () => (await import('./runs.ts')).runsCommand(),
  reconcile: async () => (await import('./reconcile.ts')).reconcileCommand(),
  rollback: async () => (await import('./rollback.ts')).rollbackCommand(),
  'set-aside': async () => (await import('./set_aside.ts')).setAsideCommand(),
  rejected: async () => (await import('./rejected.ts')).rejectedCommand(),
  archive: async () => (await import('./archive.ts')).archiveCommand(),
  prove: async () => (await import('./prove.ts')).proveCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};

process.umask(umaskOf(process.env));

const program = new Command('clickledger')
  .description('Ad-click counting that money can be billed on. Settings come from the environment: see .env.example.')
  .showHelpAfterError('(see --help)');
const name = process.argv[2] ?? '';
const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
for (const load of named ? [named] : Object.values(COMMANDS)) {
  program.addCommand((await load()).showHelpAfterError('(see --help)'));
}

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof StartError;
  process.stderr.write(`clickledger: ${error instanceof Error ? error.message : String(error)}\n`);
  if (!expected && process.env.CLICKLEDGER_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
