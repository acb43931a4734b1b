/** Names of this machine that no other machine's name server can give away: a page cannot be served under them. */
export const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** The name in a Host header, without port and brackets, in lower case; null if it is none. */
export function hostName(header: string | undefined): string | null {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+?)\.?)(?::\d+)?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

/** The name in an Origin header; null for what has none, as a page from a file or in a sandbox. */
export const originName = (origin: string): string | null => hostName(/^https?:\/\/(.+)$/i.exec(origin)?.[1]);
