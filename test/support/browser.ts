import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from '../../infra/setup/find_program.mjs';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser of this machine; undefined: it has none. `infra/setup/apt-packages.sh chromium` installs one. */
export const browserProgram = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  PROGRAMS.map((name) => findProgram(name, env)).find((path) => path !== undefined);

/** It resolves no name, so whatever a page asks of another host fails even if nobody notices. */
export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Tests often run as root, and in containers with little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });

export interface Watched {
  page: Page;
  /** Origins of everything it has asked for. */
  origins: Set<string>;
  /** What it has complained of, also of its Content-Security-Policy. */
  complaints: string[];
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ timezoneId: 'Europe/Berlin', locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const [origins, complaints] = [new Set<string>(), [] as string[]];
  context.on('request', (request) => origins.add(new URL(request.url()).origin));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, origins, complaints };
}

/** What axe finds against WCAG 2.2 AA, in words: the rule and the element. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify({ runOnly: tags, resultTypes: ['violations'] })})`,
  )) as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}
