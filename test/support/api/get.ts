import { checkDeclared } from './declared.ts';

interface Answer {
  status: number;
  type: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what is being checked
  body: any;
  text: string;
}

/** Sends a request, and validates any JSON in the response against the declarations. */
export async function get(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const body = type.includes('json') && text !== '' ? JSON.parse(text) : text;
  if (type.includes('json') && text !== '') checkDeclared(init.method ?? 'GET', url, response.status, body);
  return { status: response.status, type, headers: response.headers, body, text };
}

/** URL of a question about an ad, by its whole id; `what` is the last part of the path. */
export function adUrl(address: string, ad: string, what: string, params: Record<string, string | number>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) query.set(name, String(value));
  return `${address}/v1/ads/${encodeURIComponent(ad)}/${what}?${query}`;
}

export const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
