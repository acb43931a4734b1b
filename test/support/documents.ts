import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of a document: the commands in it, and what it shows as their output. */
export interface Block {
  commands: string[];
  /** Lines that are not commands. A block of output alone belongs to the block of commands before it. */
  output: string[];
}

const isCommand = (line: string): boolean => /^(\.\/clickledger|npm|curl|echo) /.test(line);

/** All fenced blocks of a Markdown file that have a command, and those of JSON; a picture has neither. */
export function blocksOf(path: string): Block[] {
  const text = readFileSync(`${ROOT}${path}`, 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => {
    const lines = String(body).trimEnd().split('\n');
    return { kind, commands: lines.filter(isCommand), output: lines.filter((line) => !isCommand(line)) };
  });
  const found: Block[] = [];
  for (const { kind, commands, output } of blocks) {
    const before = found.at(-1);
    if (commands.length > 0) found.push({ commands, output });
    else if (kind === 'json' && before?.output.length === 0) before.output = output;
    else if (kind === 'json') found.push({ commands, output });
  }
  return found;
}

/** Every `./clickledger …` and `npm run …` that a document names. */
export function namedCommands(path: string): string[] {
  const text = readFileSync(`${ROOT}${path}`, 'utf8');
  return [...text.matchAll(/(?:\.\/clickledger|npm run) [a-z](?:[\w:-]*\w)?/g)].map(([command]) => command);
}

/** Output of a command line in a shell, in the root of the project. */
export function shell(line: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', line], { cwd: ROOT, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${line}\n${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * A JSON answer without what differs each time: of times only that they are times, except those of a day that was asked
 * for, of numbers that depend on the traffic only that they are numbers, and one element of each list that depends on it.
 */
export function comparable(value: unknown, isExact: boolean): unknown {
  if (Array.isArray(value)) return (isExact ? value : value.slice(0, 1)).map((one) => comparable(one, isExact));
  if (value !== null && typeof value === 'object') {
    // There may have been a run by now, or none yet.
    const members = Object.entries(value).filter(([name]) => name !== 'last_run');
    return Object.fromEntries(members.map(([name, one]) => [name, comparable(one, isExact)]));
  }
  if (typeof value === 'string' && TIME.test(value)) return value.endsWith('T00:00:00.000Z') ? value : '<time>';
  if (isExact) return value;
  return typeof value === 'number' ? '<number>' : typeof value === 'string' ? '<text>' : value;
}
