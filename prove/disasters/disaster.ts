import type { Site } from './site.ts';

/** Something that befalls a platform and is no mere kill: data go, come back older, or cannot be written. */
export interface Disaster {
  name: string;
  /** Lets it happen to the running platform, whose numbers are exact, and leaves it running or stopped. */
  harm(site: Site, next: () => number): Promise<void>;
  /** Why it cannot be done on this machine; null: it can. */
  skipped?(): string | null;
}

/** How long events are written before a disaster, and again while it lasts. */
export const WRITE_SECONDS = 5;
