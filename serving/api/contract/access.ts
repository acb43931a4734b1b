import type { ApiToken } from '../../../infra/config.ts';

/** Who asks. */
export type Caller = Omit<ApiToken, 'sha256'>;

/**
 * Whose token will do, where tokens are set: `anyone` needs none; `advertiser` is any token, but of an ad in the path
 * an advertiser sees only its own; `reader` is all but those of advertisers.
 */
export type Access = 'anyone' | 'advertiser' | 'reader' | 'admin';
