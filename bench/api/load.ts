import autocannon from 'autocannon';

interface Load {
  /** Answers, and the seconds that they took. */
  answers: number;
  seconds: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

interface Asked {
  origin: string;
  /** Asked in turn. */
  paths: string[];
  connections: number;
  seconds: number;
  /** Requests a second; without it as many as there are answers for. */
  rate?: number;
}

/** Rejects if anything but answers came back: what fails fast is no result. */
export async function load({ origin, paths, connections, seconds, rate }: Asked): Promise<Load> {
  const result = await autocannon({
    url: origin,
    connections,
    duration: seconds,
    timeout: 30,
    requests: paths.map((path) => ({ path })),
    ...(rate === undefined ? {} : { overallRate: rate }),
  });
  if (result.errors > 0 || result.non2xx > 0 || result.requests.total === 0) {
    throw new Error(
      `${origin}${paths[0]}: ${result.errors} errors, ${result.non2xx} refusals, ${result.requests.total} answers`,
    );
  }
  const { p50, p99 } = result.latency;
  return { answers: result.requests.total, seconds: result.duration, p50, p99 };
}
