import type { Config } from '../infra/config.ts';

/** The longest time during which the API did not report that everything up to a moment before was counted. */
export class Gap {
  #longestMs = 0;
  #freshAt = Date.now();
  readonly #timer: NodeJS.Timeout;

  constructor({ api }: Config) {
    const ask = async (): Promise<void> => {
      try {
        const response = await fetch(`http://${api.host}:${api.port}/v1/status`, {
          signal: AbortSignal.timeout(5_000),
        });
        if (!response.ok) return;
        const { freshness_seconds } = (await response.json()) as { freshness_seconds: number | null };
        if (freshness_seconds !== null) this.#freshAt = Math.max(this.#freshAt, Date.now() - freshness_seconds * 1000);
      } catch {
        // No answer: the gap grows.
      } finally {
        this.#longestMs = Math.max(this.#longestMs, Date.now() - this.#freshAt);
      }
    };
    this.#timer = setInterval(ask, 500);
  }

  end(): number {
    clearInterval(this.#timer);
    return Math.round(this.#longestMs / 100) / 10;
  }
}
