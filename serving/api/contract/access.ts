import type { ApiToken } from '../../../infra/config.ts';

/** The caller of a request. */
export type Caller = Omit<ApiToken, 'sha256' | 'expiresMs'>;

/**
 * Which tokens are accepted, if tokens are set: `anyone` needs none; `advertiser` is any token, but for an ad in the
 * path an advertiser sees only its own; `reader` is any token except those of advertisers.
 */
export type Access = 'anyone' | 'advertiser' | 'reader' | 'admin';
