import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config_error.ts';
import { keepSecret, withoutUser } from '../secrets.ts';

/** Settings as they were given, without empty ones. */
export type Given = Record<string, string | undefined>;

/** Throws for the first of the settings that is given although `other`, without which none of them is read, is not. */
export function refuseWithout(given: Given, names: readonly string[], isThere: boolean, other: string): void {
  const name = names.find((one) => given[one] !== undefined);
  if (name !== undefined && !isThere) throw new ConfigError(`${name}: is not read without ${other}: set that too`);
}

/** A secret, from the setting or from the file that `<name>_FILE` names. */
export function secretOf(given: Given, name: string): string | undefined {
  const [value, path] = [given[name], given[`${name}_FILE`]];
  if (path === undefined) {
    if (value !== undefined) keepSecret(value);
    return value;
  }
  if (value !== undefined) throw new ConfigError(`${name}: is set, and so is ${name}_FILE: leave one of them out`);
  // Editors end a file with a line break, which belongs to no password.
  const secret = contentOf(`${name}_FILE`, path).replace(/\r?\n$/, '');
  if (secret === '') throw new ConfigError(`${name}_FILE: ${path} is empty`);
  if (/[\r\n]/.test(secret))
    throw new ConfigError(`${name}_FILE: ${path} has several lines; expected the secret alone`);
  keepSecret(secret);
  return secret;
}

export const secretNames = (name: string): string[] => [name, `${name}_FILE`];

/** Certificates of those whose signature is accepted. */
export function authorityOf(given: Given, name: string): { ca?: string } {
  const path = given[name];
  if (path === undefined) return {};
  const { text, certificates } = certificatesOf(name, path);
  // A bundle may well hold some that are out of date.
  if (certificates.every(isOver)) throw expired(name, path, certificates);
  return { ca: text };
}

/** What this client shows of itself: both settings, or neither. */
export function clientCertificateOf(given: Given, certName: string, keyName: string): { cert?: string; key?: string } {
  const [certPath, keyPath] = [given[certName], given[keyName]];
  if (certPath === undefined && keyPath === undefined) return {};
  if (certPath === undefined) throw new ConfigError(`${keyName}: is not read without ${certName}: set that too`);
  if (keyPath === undefined) throw new ConfigError(`${certName}: is not read without ${keyName}: set that too`);
  const { text: cert, certificates } = certificatesOf(certName, certPath);
  const own = certificates[0] as X509Certificate;
  if (isOver(own)) throw expired(certName, certPath, [own]);
  const key = contentOf(keyName, keyPath);
  if (!own.checkPrivateKey(privateKeyOf(keyName, keyPath, key))) {
    throw new ConfigError(
      `${keyName}: ${keyPath} is not the key of the first certificate in ${certPath} (${certName})`,
    );
  }
  return { cert, key };
}

export function urlOf(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new ConfigError(`${name}: is "${withoutUser(text)}"; expected an http(s) URL`);
}

/** User and password of a URL. */
export function loginOf(name: string, url: URL): { username: string; password: string } {
  const [username, password] = [decoded(name, url.username), decoded(name, url.password)];
  if (password !== '') keepSecret(password, username);
  return { username, password };
}

export const withoutLogin = (url: URL): string => {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href.replace(/\/$/, '');
};

export function integerOf(given: Given, name: string, min: number, max: number): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
  throw new ConfigError(`${name}: is "${text}"; expected a whole number from ${min} to ${max}`);
}

function decoded(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError(`${name}: user or password has a % that begins no character: write it as %25`);
  }
}

export function contentOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${name}: cannot read ${path}: ${code}; name a file that the user of this process may read`);
  }
}

function certificatesOf(name: string, path: string): { text: string; certificates: X509Certificate[] } {
  const text = contentOf(name, path);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    if (certificates.length > 0) return { text, certificates };
  } catch {
    // As if there were none.
  }
  throw new ConfigError(`${name}: ${path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`);
}

function privateKeyOf(name: string, path: string, key: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch {
    throw new ConfigError(`${name}: ${path} holds no private key in PEM form, or one that needs a passphrase`);
  }
}

const isOver = ({ validTo }: X509Certificate): boolean => Date.parse(validTo) < Date.now();

function expired(name: string, path: string, certificates: X509Certificate[]): ConfigError {
  const last = Math.max(...certificates.map(({ validTo }) => Date.parse(validTo)));
  return new ConfigError(
    `${name}: the certificate in ${path} has expired, at ${new Date(last).toISOString()}: renew it`,
  );
}
