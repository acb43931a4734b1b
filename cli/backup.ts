import { resolve } from 'node:path';
import { Command } from 'commander';
import { readPlatformConfig } from '../infra/platform_config.ts';
import type { BackupManifest } from './backup/manifest.ts';
import { inFolder, takeBackup } from './backup/take.ts';
import { verifyBackup } from './backup/verify.ts';
import { progressOf } from './progress.ts';
import { backupText, verifiedText } from './text/backup.ts';

interface Options {
  to: string;
  verify?: true;
  json?: true;
}

export const backupCommand = (): Command =>
  new Command('backup')
    .requiredOption('--to <folder>', 'where backups are, each in a folder named by its time')
    .option('--verify', 'take none: restore the newest one beside what is there, compare, and remove that again')
    .option('--json', 'print one JSON document')
    .action(async ({ to, verify, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      const progress = progressOf('backup', json === true);
      const at = resolve(to);
      if (!verify) {
        const taken = await inFolder(at, () => takeBackup(config, at, progress.log));
        progress.clear();
        process.stdout.write(json ? jsonOf(taken) : backupText(taken));
        return;
      }
      const found = await inFolder(at, () => verifyBackup(config, at, progress.log));
      progress.clear();
      const ok = found.parts.every(({ wrong }) => wrong === null);
      process.stdout.write(json ? jsonOf({ ...found, ok }) : verifiedText(found));
      if (!ok) process.exitCode = 1;
    });

const jsonOf = ({ manifest, ...others }: { folder: string; manifest: BackupManifest; ok?: boolean }): string =>
  `${JSON.stringify({ ...manifest, ...others })}\n`;
