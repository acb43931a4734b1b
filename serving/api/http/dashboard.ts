import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type RequestHandler, type Router } from 'express';

/** Each is the same document: which page it shows, it takes from its address. */
const PAGES = ['/', '/ad', '/days', '/filters', '/pipeline'];

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>clickledger</title>
<p>The dashboard has not been built: <code>npm start</code> does it. The API answers without it: see <a href="/docs">/docs</a>.
</html>
`;

/**
 * The dashboard, from the folder of its build; null: there is none. Nothing in it may be loaded from, or sent to,
 * another host.
 */
export function dashboard(folder: string | null): Router {
  const router = express.Router();
  if (folder === null) {
    router.get(PAGES, (_request, response) => void response.status(503).type('html').send(NOT_BUILT));
    return router;
  }
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  router.get(PAGES, strictPolicy, (_request, response) => {
    const html = page.replace('<head>', `<head>\n    <meta property="csp-nonce" nonce="${response.locals.nonce}" />`);
    response.type('html').set('Cache-Control', 'no-cache').send(html);
  });
  const assets = join(folder, 'assets');
  // Their names have a hash of their content.
  const files = express.static(assets, { index: false, immutable: true, maxAge: '365d' });
  router.use('/assets', compressed(assets), files);
  return router;
}

/** Leads to the file that was compressed when the dashboard was built, for who takes it. */
function compressed(folder: string): RequestHandler {
  const there = new Set(readdirSync(folder).filter((name) => name.endsWith('.gz')));
  return (request, response, next) => {
    const file = `${request.path.slice(1)}.gz`;
    response.vary('Accept-Encoding');
    if (there.has(file) && request.acceptsEncodings('gzip')) {
      response.type(extname(request.path)).set('Content-Encoding', 'gzip');
      request.url = `/${file}`;
    }
    next();
  };
}

const strictPolicy: RequestHandler = (_request, response, next) => {
  const nonce = randomBytes(16).toString('base64');
  response.locals.nonce = nonce;
  response.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      // React Aria adds a style sheet of its own, and takes the nonce from the page's head.
      `style-src 'self' 'nonce-${nonce}'`,
      // ECharts sets the font of each label of a chart as an attribute.
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  next();
};
