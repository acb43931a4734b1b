import { readFileSync } from 'node:fs';

const TEXT = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

interface Rights {
  names: string[];
  rights: string[];
}

/**
 * What docs/operations.md says that the platform's user needs, so that the tests grant that and nothing else. A part of
 * its cell is ``topics beginning with `clicks`: READ, WRITE``, or ``indexes `ad-*`: `all` ``.
 */
export function documentedRights(engine: 'Kafka' | 'Elasticsearch', of: string): Rights {
  const table = TEXT.slice(TEXT.indexOf("What the platform's user, or its API key, needs:"));
  const cell = new RegExp(`^\\| ${engine} \\| (.*) \\|$`, 'm').exec(table)?.[1] ?? '';
  const part = cell.split('; ').find((text) => text.startsWith(of));
  if (part === undefined) throw new Error(`docs/operations.md: ${engine} has no rights for ${of}`);
  const [before = '', behind = ''] = part.split(': ');
  const words = (text: string): string[] =>
    [...text.matchAll(/`([^`]+)`|\b[A-Z_]{4,}\b/g)].map(([all, quoted]) => quoted ?? all);
  return { names: words(before), rights: words(behind) };
}
