/**
 * The passwords and keys of this process. Whatever it prints goes through `withoutSecrets`: a library may quote in an error
 * what it was given.
 */
const kept = new Set<string>();

/** Shorter ones are not looked for: they would be found in words that have nothing to do with them. */
const LEAST_LENGTH = 4;
const HIDDEN = '[secret]';

/** In all forms in which it is sent: as it is, in a URL, within JSON, as a header. */
export function keepSecret(secret: string, username?: string): void {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const header = username === undefined ? [] : [base64(`${username}:${secret}`)];
  for (const form of [secret, encodeURIComponent(secret), inJson, base64(secret), ...header]) {
    if (form.length >= LEAST_LENGTH) kept.add(form);
  }
}

/** The text with every secret replaced. */
export function withoutSecrets(text: string): string {
  let hidden = text;
  for (const secret of kept) if (hidden.includes(secret)) hidden = hidden.replaceAll(secret, HIDDEN);
  return hidden;
}

/** The text without passwords in URLs and values of Authorization headers, also such as this process was not told. */
export const withoutPasswords = (text: string): string =>
  text
    .replace(/(\w:\/\/[^\s:@/"']*):[^\s@/"']+@/g, `$1:${HIDDEN}@`)
    .replace(/(authorization["']?\s*[:=]\s*\\?["']?(?:Bearer|Basic|ApiKey)) [\w+/=.~-]+/gi, `$1 ${HIDDEN}`);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A URL, or what should have been one, without user and password. */
export const withoutUser = (text: string): string =>
  text
    .split(',')
    .map((part) => part.replace(/^(\s*\w+:\/\/)?.*@/s, '$1'))
    .join(',');
