import { Command } from 'commander';
import { readConfig } from '../infra/config.ts';
import { openFindings, settleFinding } from '../infra/register/findings.ts';
import { openRegister } from '../infra/register/open.ts';
import { askedBy } from './arguments/asked_by.ts';
import { findingsText } from './text/findings.ts';

interface Options {
  settle?: string;
  reason?: string;
  json?: true;
}

export const findingsCommand = (): Command =>
  new Command('findings')
    .option('--settle <name>', 'what it says was mended: it is said nowhere any more; recorded, with --reason')
    .option('--reason <text>', 'how it was mended')
    .option('--json', 'print one JSON document')
    .action(async ({ settle, reason, json }: Options) => {
      const register = openRegister(readConfig(process.env));
      if (settle !== undefined) {
        if (reason === undefined) throw new Error('--settle needs --reason: how it was mended');
        const isOpen = (await openFindings(register)).some(({ name }) => name === settle);
        if (!isOpen) throw new Error(`no finding "${settle}" is open: "./clickledger findings" lists those that are`);
        await settleFinding(register, settle, `${reason} (${askedBy()})`);
      }
      const open = await openFindings(register);
      process.stdout.write(json ? `${JSON.stringify({ findings: open })}\n` : findingsText(open));
    });
