import type { Authority, Certificate } from '../certificates.ts';

/** What the engines of a secured set have in common. Their servers are called `localhost`: 127.0.0.1 is another host. */
export interface SecuredSite {
  folder: string;
  authority: Authority;
  /** The certificate that every server shows. */
  server: Certificate;
  /** Signed by the same authority, and out of date. */
  expired: Certificate;
}

export const HOST = 'localhost';

/** The user that the platform is, and one who may only read. */
export const USER = 'click';
export const READER = 'reader';

/** Long and without a meaning, so that one can look for it in everything that is printed. */
export const PASSWORD = 'qzx-Kn0wn/Secret+7731';
export const WRONG_PASSWORD = 'qzx-Wr0ng/Secret+1377';
/** API keys of Elasticsearch as it hands them out, `id:key` in base64: of the platform, and some with fewer rights. */
const keyOf = (id: string): string => Buffer.from(`${id}:qzx-Kn0wnKey7731`).toString('base64');
export const API_KEY = keyOf('clickledger');
export const KEY_WITHOUT = { cluster: keyOf('no-cluster'), write: keyOf('no-write'), minutes: keyOf('no-minutes') };
