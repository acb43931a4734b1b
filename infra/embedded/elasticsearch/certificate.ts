import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTied } from '../../supervisor/parent_death.ts';
import { engineEnvironment } from '../environment.ts';
import { javaHome } from '../java.ts';
import { ensurePassword } from '../password.ts';

const DAYS = 36_500;
const QUICK = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC'];

export const certificatePasswordFile = (configFolder: string): string => join(configFolder, 'transport.password');

/**
 * Creates, once, the certificate that Elasticsearch requires of clients of its transport port. There are no other
 * nodes, but the port cannot be closed, and without this every local user could send commands to it.
 */
export async function ensureCertificate(configFolder: string): Promise<void> {
  const [store, certificate] = [join(configFolder, 'transport.p12'), join(configFolder, 'transport.pem')];
  // The last file to be created.
  if (existsSync(certificate)) return;
  const passwordFile = certificatePasswordFile(configFolder);
  ensurePassword(passwordFile);
  const aside = `${certificate}.tmp`;
  for (const path of [store, aside]) rmSync(path, { force: true });
  const keytool = (...args: string[]): Promise<void> =>
    runTied({
      file: join(javaHome(), 'bin', 'keytool'),
      args: [...QUICK, ...args, '-alias', 'transport', '-keystore', store, '-storepass:file', passwordFile],
      env: engineEnvironment(),
      cwd: configFolder,
    });
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=clickledger', '-validity', String(DAYS)];
  await keytool('-genkeypair', ...key, '-storetype', 'PKCS12');
  await keytool('-exportcert', '-rfc', '-file', aside);
  renameSync(aside, certificate);
}
