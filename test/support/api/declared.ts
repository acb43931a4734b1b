import { problem } from '../../../serving/api/contract/answers.ts';
import type { ApiDeps } from '../../../serving/api/http/route.ts';
import { createRoutes } from '../../../serving/api/routes/all.ts';

/** Only their declarations are used here. */
const ROUTES = createRoutes({} as ApiDeps).map((route) => ({
  ...route,
  pattern: new RegExp(`^${route.path.replaceAll(/{\w+}/g, '[^/]+')}$`),
}));

/** Throws unless an answer matches what its route declares, or is a problem. */
export function checkDeclared(method: string, url: string, status: number, body: unknown): void {
  if (status >= 400) return void problem.parse(body);
  const { pathname } = new URL(url);
  const route = ROUTES.find((one) => one.method === method.toLowerCase() && one.pattern.test(pathname));
  if (!route) throw new Error(`${method} ${pathname} is declared nowhere`);
  if (status !== route.status && !(route.creates && status === 201))
    throw new Error(`${method} ${pathname} answers ${status}, declared is ${route.status}`);
  route.answer.parse(body);
}
