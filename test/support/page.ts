import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type Headers = Record<string, string>;

export interface PageAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a browser adds to a fetch() of a page of another site that needs no preflight. */
export const FOREIGN_PAGE: Headers = {
  origin: 'http://evil.example',
  referer: 'http://evil.example/',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
};

/** What it adds for an image, a script or a form of such a page, which cannot read the response. */
export const FOREIGN_ELEMENT: Headers = {
  referer: 'http://evil.example/',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': 'image',
};

/** A page whose host name its owner has pointed at this machine: for the browser the port here is its own server. */
export const reboundPage = (port: number): Headers => ({
  host: `evil.example:${port}`,
  origin: `http://evil.example:${port}`,
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
});

/** Sends a request to a loopback port like a browser: unlike a program's fetch(), with the given Host and Origin. */
export async function askAsPage(
  port: number,
  path: string,
  headers: Headers,
  { method = 'GET', body = '' } = {},
): Promise<PageAnswer> {
  const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false, timeout: 20_000 });
  asked.once('timeout', () => asked.destroy(new Error('no answer')));
  asked.end(body);
  const [response] = await once(asked, 'response');
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
