const PROGRAM = './clickledger ';
/** Commands that have a second word. */
const GROUPS = ['archive'];
const TOKEN = /\s*(?:'([^']*)'|"([^"]*)"|(--[a-z][a-z-]*)|([^\s'"();,]+))/y;

/**
 * The commands that a text names, each as its arguments, in order and once. A command in quotation marks ends with
 * these; of one without, only options and their values belong to it, since the sentence may go on.
 */
export function namedCommands(text: string): string[][] {
  // In a log the text is a string of JSON.
  const plain = text.replaceAll('\\"', '"');
  const found = new Map<string, string[]>();
  for (let at = plain.indexOf(PROGRAM); at >= 0; at = plain.indexOf(PROGRAM, at + 1)) {
    const rest = plain.slice(at + PROGRAM.length).split('\n', 1)[0] ?? '';
    const isQuoted = plain[at - 1] === '"';
    const args = isQuoted ? tokens(rest.split('"', 1)[0] ?? '') : unquoted(tokens(rest));
    if (args.length > 0) found.set(JSON.stringify(args), args);
  }
  return [...found.values()];
}

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, single, double, option, word] = match;
    found.push(single ?? double ?? option ?? (word as string).replace(/[.:]$/, ''));
  }
  return found;
}

function unquoted(all: string[]): string[] {
  const words = GROUPS.includes(all[0] ?? '') ? 2 : 1;
  const args = all.slice(0, words);
  for (let i = words; all[i]?.startsWith('--'); i++) {
    args.push(all[i] as string);
    const value = all[i + 1];
    if (value !== undefined && !value.startsWith('--')) {
      args.push(value);
      i += 1;
    }
  }
  return args;
}

/** As it is written in a shell. */
export const shown = (args: readonly string[]): string =>
  `./clickledger ${args.map((arg) => (/^[\w./:~=-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')}`;
