import createClient from 'openapi-fetch';
import type { components, paths } from '../contract/description.d.ts';

type Problem = components['schemas']['Problem'];

/** A question that was not answered; `problem.status` 0: nothing came back. */
export class ProblemError extends Error {
  readonly problem: Partial<Problem> & { status: number };

  constructor(problem: Partial<Problem> & { status: number }) {
    super(problem.detail ?? problem.title ?? `status ${problem.status}`);
    this.problem = problem;
  }
}

const TOKEN = 'clickledger-token';

/** Kept until the tab is closed, for this server only. */
export const token = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (text: string): void => sessionStorage.setItem(TOKEN, text),
  clear: (): void => sessionStorage.removeItem(TOKEN),
};

export const client = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => fetch(request),
});
client.use({
  onRequest({ request }) {
    const given = token.get();
    if (given !== null) request.headers.set('authorization', `Bearer ${given}`);
  },
});

/** Rejects with a ProblemError. `T` also may be text, for who asks for CSV; this page never does. */
export async function answered<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, string>> {
  const { data, error, response } = await asked.catch((cause) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ProblemError({ status: 0 });
  });
  if (!response.ok || data === undefined) {
    throw new ProblemError({ ...(isObject(error) ? error : {}), status: response.status });
  }
  return data as Exclude<T, string>;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
