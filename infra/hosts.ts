import type { IncomingHttpHeaders } from 'node:http';

/** Names of this machine that no other machine's name server can give away: a page cannot be served under them. */
export const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** The name in a Host header, without port and brackets, in lower case; null if it is none. */
export function hostName(header: string | undefined): string | null {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+?)\.?)(?::\d+)?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

/** The name in an Origin header; null for what has none, as a page from a file or in a sandbox. */
export const originName = (origin: string): string | null => hostName(/^https?:\/\/(.+)$/i.exec(origin)?.[1]);

/**
 * Whether a request that only this machine should make comes from a page of another site: of one that its owner serves
 * under a name which leads here (DNS rebinding), too.
 */
export function isOfForeignPage({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const isHere = (name: string | null): boolean => name !== null && LOOPBACK_NAMES.has(name);
  return !isHere(hostName(host)) || (origin !== undefined && !isHere(originName(origin))) || site === 'cross-site';
}
