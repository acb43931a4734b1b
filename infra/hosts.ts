import type { IncomingHttpHeaders } from 'node:http';

/** Loopback names, which no foreign name server can resolve: a page cannot be served under them. */
export const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** The name in a Host header, without port and brackets, in lower case; null if invalid. */
export function hostName(header: string | undefined): string | null {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+?)\.?)(?::\d+)?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

/** The name in an Origin header; null for an opaque origin, such as a page from a file or in a sandbox. */
export const originName = (origin: string): string | null => hostName(/^https?:\/\/(.+)$/i.exec(origin)?.[1]);

/**
 * Whether a request that only this machine should make comes from a page of another site, including one served under a
 * name that resolves to this machine (DNS rebinding).
 */
export function isOfForeignPage({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const isHere = (name: string | null): boolean => name !== null && LOOPBACK_NAMES.has(name);
  return !isHere(hostName(host)) || (origin !== undefined && !isHere(originName(origin))) || site === 'cross-site';
}

/** An address of IPv6 as it is connected to, not as it stands in a URL. */
export const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');

/** `host:port`, also `[::1]:9092`. */
export function hostAndPort(place: string): { host: string; port: number } {
  const colon = place.lastIndexOf(':');
  return { host: withoutBrackets(place.slice(0, colon)), port: Number(place.slice(colon + 1)) };
}
