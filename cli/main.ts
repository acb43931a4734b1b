import { Command } from 'commander';
import { ConfigError } from '../infra/config.ts';
import { StartError } from '../infra/supervisor/types.ts';
import { archiveCommand } from './archive.ts';
import { benchCommand } from './bench.ts';
import { generateCommand } from './generate.ts';
import { migrateCommand } from './migrate.ts';
import { proveCommand } from './prove.ts';
import { rebuildCommand } from './rebuild.ts';
import { reconcileCommand } from './reconcile.ts';
import { rejectedCommand } from './rejected.ts';
import { replayCommand } from './replay.ts';
import { rollbackCommand } from './rollback.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { statusCommand } from './status.ts';
import { upCommand } from './up.ts';

const program = new Command('clickledger')
  .description('Ad-click counting that money can be billed on. Settings come from the environment: see .env.example.')
  .showHelpAfterError('(see --help)');
for (const command of [
  upCommand(),
  runCommand(),
  migrateCommand(),
  statusCommand(),
  generateCommand(),
  rebuildCommand(),
  replayCommand(),
  runsCommand(),
  reconcileCommand(),
  rollbackCommand(),
  rejectedCommand(),
  archiveCommand(),
  proveCommand(),
  benchCommand(),
]) {
  program.addCommand(command.showHelpAfterError('(see --help)'));
}

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof StartError;
  process.stderr.write(`clickledger: ${error instanceof Error ? error.message : String(error)}\n`);
  if (!expected && process.env.CLICKLEDGER_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
