import { type Hive, HiveStatementError } from '../../../infra/clients/hive.ts';
import { isLocal, uriOf } from './location.ts';
import type { Store } from './store.ts';

/** A file in the output of `dfs -ls`: permissions, copies, owner, group, bytes, date, time, path. */
const LISTED = /^-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(\S+)$/;
/** The output of `dfs -count`: folders, files, bytes, path. */
const COUNTED = /^\s*\d+\s+(\d+)\s+\d+\s+(\S+)$/;
/** How often a listing that Hive gave incompletely is asked for again. */
const LISTINGS = 20;
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
    /**
     * Hive prints into one output what all its sessions list at the same time: lines of other folders may stand in this
     * one's listing, and lines of this one may be missing. So what counts is a listing with as many files as there are.
     */
    async sizes(folder) {
      // Listing a missing folder would be an error, and errors give no reason.
      await dfs('-mkdir', '-p', uri(folder));
      const isThis = (path: string): boolean => pathOf(path) === pathOf(uri(folder));
      for (let listing = 1; listing <= LISTINGS; listing++) {
        const counts = (await dfs('-count', uri(folder))).map((line) => COUNTED.exec(line) ?? []);
        const files = counts.find(([, , path = '']) => isThis(path))?.[1];
        const sizes = new Map<string, number>();
        for (const line of await dfs('-ls', uri(folder))) {
          const [, bytes, path = ''] = LISTED.exec(line) ?? [];
          const end = path.lastIndexOf('/');
          if (isThis(path.slice(0, end))) sizes.set(path.slice(end + 1), Number(bytes));
        }
        if (files !== undefined && sizes.size === Number(files)) return sizes;
      }
      throw new Error(`Hive listed ${uri(folder)} ${LISTINGS} times, never completely: repeat when Hive does less`);
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
