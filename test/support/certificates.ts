import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files in PEM form. */
export interface Certificate {
  cert: string;
  key: string;
}

/** An authority of its own, which signs what a test needs, by the program openssl. */
export class Authority {
  /** Its certificate: what a client trusts. */
  readonly file: string;
  readonly #folder: string;
  readonly #key: string;

  constructor(folder: string, name = 'ca') {
    this.#folder = folder;
    this.file = join(folder, `${name}.pem`);
    this.#key = join(folder, `${name}.key`);
    const subject = ['-subj', `/CN=clickledger test ${name}`];
    openssl('req', '-x509', ...NEW_KEY, '-days', '2', ...subject, '-keyout', this.#key, '-out', this.file);
  }

  /** @param days fewer than none: it has expired already */
  sign(name: string, { hosts = ['DNS:localhost', 'IP:127.0.0.1'], days = 2 } = {}): Certificate {
    const at = (end: string): string => join(this.#folder, `${name}.${end}`);
    openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', at('key'), '-out', at('csr'));
    writeFileSync(at('ext'), `subjectAltName=${hosts.join(',')}\n`);
    const by = ['-CA', this.file, '-CAkey', this.#key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', at('csr'), ...by, '-days', `${days}`, '-extfile', at('ext'), '-out', at('pem'));
    return { cert: at('pem'), key: at('key') };
  }

  /** What Java reads: the certificate, its key and this authority in one file, under the password of test stores. */
  keystore({ cert, key }: Certificate): string {
    const file = cert.replace(/pem$/, 'p12');
    const parts = ['-in', cert, '-inkey', key, '-certfile', this.file];
    openssl('pkcs12', '-export', ...parts, '-passout', `pass:${STORE_PASSWORD}`, '-out', file);
    return file;
  }

  /** Key and certificate in one file, as Kafka takes them. */
  together({ cert, key }: Certificate): string {
    const file = cert.replace(/pem$/, 'both.pem');
    writeFileSync(file, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'), { mode: 0o600 });
    return file;
  }
}

export const STORE_PASSWORD = 'changeit';

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'];

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
