import { type Hive, HiveStatementError } from '../../../infra/clients/hive.ts';
import { isLocal, uriOf } from './location.ts';
import type { Store } from './store.ts';

/** A file in the output of `dfs -ls`: permissions, copies, owner, group, bytes, date, time, path. */
const LISTED = /^-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(\S+)$/;
/** The path in a URI; a text without a scheme is a path already. */
const pathOf = (uri: string): string => uri.replace(/^\w+:\/\/[^/]*/, '');
const WORD = /^[\w/.~+=,:@-]+$/;

/** Files as Hive's server sees them, on any file system: it executes `hadoop fs` commands. */
export function hadoopStore(location: string, hive: Pick<Hive, 'rows'>): Store {
  const uri = (path: string): string => `${uriOf(location)}/${path}`;

  async function dfs(...words: string[]): Promise<string[]> {
    for (const word of words) if (!WORD.test(word)) throw new Error(`"${word}" cannot be part of a command to Hive`);
    const command = `dfs ${words.join(' ')}`;
    try {
      return (await hive.rows<Record<string, string>>(command)).map((row) => String(Object.values(row)[0]));
    } catch (error) {
      if (!(error instanceof HiveStatementError)) throw error;
      const why = (await reason()) ?? `${error.message} (its log says why)`;
      throw new HiveStatementError(`Hive could not carry out "${command}": ${why}`);
    }
  }

  /** For a failed `dfs` Hive gives no reason. It does say why it cannot fetch a file from the same place. */
  async function reason(): Promise<string | null> {
    if (isLocal(location)) return null;
    try {
      await hive.rows(`ADD FILE ${uri('.no-such-file')}`);
      return null;
    } catch (error) {
      const isMissing = !(error instanceof HiveStatementError) || error.message.includes('FileNotFoundException');
      return isMissing ? null : error.message.replace(/^Error while processing statement: /, '');
    }
  }

  return {
    async sizes(folder) {
      // Listing a missing folder would be an error, and errors give no reason.
      await dfs('-mkdir', '-p', uri(folder));
      const sizes = new Map<string, number>();
      for (const line of await dfs('-ls', uri(folder))) {
        const [, bytes, path = ''] = LISTED.exec(line) ?? [];
        const name = path.slice(path.lastIndexOf('/') + 1);
        // Hive prints what other sessions print at the same time, too: a file of another folder may have the same name.
        if (bytes !== undefined && pathOf(path) === pathOf(`${uri(folder)}/${name}`)) sizes.set(name, Number(bytes));
      }
      return sizes;
    },
    readable: () => null,
    named: uri,
    async copyIn(from, path) {
      await dfs('-mkdir', '-p', uri(path).replace(/\/[^/]+$/, ''));
      // -d: directly under the given name, which is temporary anyway; in S3 a rename is a copy.
      await dfs('-put', '-f', '-d', `file://${from}`, uri(path));
    },
    copyOut: async (path, to) => void (await dfs('-get', '-f', uri(path), `file://${to}`)),
    async rename(from, to) {
      await dfs('-mkdir', '-p', uri(to).replace(/\/[^/]+$/, ''));
      await dfs('-mv', uri(from), uri(to));
    },
    remove: async (path) => void (await dfs('-rm', '-r', '-f', '-skipTrash', uri(path))),
  };
}
