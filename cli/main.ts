import { Command } from 'commander';
import { ConfigError } from '../infra/config.ts';
import { umaskOf } from '../infra/data_dir/close.ts';
import { withoutSecrets } from '../infra/secrets.ts';
import { refuseMisspelt } from '../infra/settings/misspelt.ts';
import { StartError } from '../infra/supervisor/types.ts';

/** Loaded on demand: a role, which is restarted after each failure, does not wait for the code of others. */
const COMMANDS: Record<string, { about: string; load: () => Promise<Command> }> = {
  up: {
    about: 'run the whole platform: the engines that have no URL set, and every role, until SIGTERM or Ctrl-C',
    load: async () => (await import('./up.ts')).upCommand(),
  },
  run: {
    about: 'run one role in its own process, until SIGTERM or Ctrl-C',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  migrate: {
    about: 'create or update topics, tables and index templates; safe to repeat',
    load: async () => (await import('./migrate.ts')).migrateCommand(),
  },
  status: {
    about: 'what runs, how fresh the counts are, what went in and out of each stage, and how far each day is',
    load: async () => (await import('./status.ts')).statusCommand(),
  },
  generate: {
    about: 'append sample clicks of the present time to a log, at a steady rate',
    load: async () => (await import('./generate.ts')).generateCommand(),
  },
  rebuild: {
    about: 'recount ended days and publish the result, if reconciliation with real time accepts it',
    load: async () => (await import('./rebuild.ts')).rebuildCommand(),
  },
  replay: {
    about: 'derive the real-time tables of some days again from the archive, after a fault in the real-time path',
    load: async () => (await import('./replay.ts')).replayCommand(),
  },
  runs: {
    about:
      'list the runs of the batch path (the files each has read: ads.run_inputs in ClickHouse), and the replays of real-time tables',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  reconcile: {
    about:
      "why a day's real-time counts and its run differ, with real time as it is now (the run it is answered from, or a later one that is blocked); exit code 1 if more than RECONCILE_LIMIT is unexplained",
    load: async () => (await import('./reconcile.ts')).reconcileCommand(),
  },
  rollback: {
    about: 'return a day to an earlier run, or, when its first run is taken back, to its real-time counts',
    load: async () => (await import('./rollback.ts')).rollbackCommand(),
  },
  restore: {
    about:
      'bring back what a lost ClickHouse had, from the archive, the register and Kafka; with --register, bring the register, which decides what is published, forward to its copies',
    load: async () => (await import('./restore.ts')).restoreCommand(),
  },
  backup: {
    about:
      'back up what is in no archive: records of ClickHouse, rejected lines, the register and checkpoints of this machine; with --verify, prove the newest backup by restoring it beside',
    load: async () => (await import('./backup.ts')).backupCommand(),
  },
  'set-aside': {
    about:
      'list messages of the second queue that the indexer could not read; until they are settled, answers come from ClickHouse',
    load: async () => (await import('./set_aside.ts')).setAsideCommand(),
  },
  findings: {
    about: 'what makes answers smaller, larger or older than they should be, with the command that mends it',
    load: async () => (await import('./findings.ts')).findingsCommand(),
  },
  continue: {
    about: 'count a partition on under a new name, after Kafka lost messages of it or its topic was made anew',
    load: async () => (await import('./continue.ts')).continueCommand(),
  },
  rejected: {
    about:
      'what was rejected, counted by reason; with --reason the rejected ones themselves; with --redrive what is an event by the rules of today is sent again and counted once',
    load: async () => (await import('./rejected.ts')).rejectedCommand(),
  },
  trace: {
    about:
      'where each copy of an event id is: its line, its message, the archive, whether it is counted and by which runs',
    load: async () => (await import('./trace.ts')).traceCommand(),
  },
  archive: {
    about: 'the archive of raw clicks',
    load: async () => (await import('./archive.ts')).archiveCommand(),
  },
  prove: {
    about:
      'bring up a platform in a temporary folder, write clicks it knows, kill everything at random, and compare every store with what was written; exit code 0 only if nothing is lost or doubled, and everything was killed',
    load: async () => (await import('./prove.ts')).proveCommand(),
  },
  bench: {
    about: 'measure a part beside its peer: same machine, same data, in turn; without a name, list the benchmarks',
    load: async () => (await import('./bench.ts')).benchCommand(),
  },
};

process.umask(umaskOf(process.env));

const program = new Command('clickledger')
  .description('Ad-click counting that money can be billed on. Settings come from the environment: see .env.example.')
  .showHelpAfterError('(see --help)')
  .hook('preAction', () => refuseMisspelt(process.env));
const [first = '', second = ''] = process.argv.slice(2);
const name = first === 'help' ? second : first;
for (const [command, { about, load }] of Object.entries(COMMANDS)) {
  // The others are only listed.
  const one = command === name ? await load() : new Command(command);
  program.addCommand(one.description(about).showHelpAfterError('(see --help)'));
}

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof StartError;
  process.stderr.write(withoutSecrets(`clickledger: ${error instanceof Error ? error.message : String(error)}\n`));
  if (!expected && process.env.CLICKLEDGER_DEBUG) process.stderr.write(withoutSecrets(`${(error as Error).stack}\n`));
  process.exit(1);
}
