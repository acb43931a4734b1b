import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clickhouse } from '../../../infra/embedded/clickhouse/clickhouse.ts';
import { sha256Hex } from '../../../infra/hash.ts';
import { defaultCacheDir, engineHome, engineVersions } from '../../../infra/setup/engines.mjs';
import { freePort } from '../../../infra/supervisor/ports.ts';
import type { ProcessDefinition } from '../../../infra/supervisor/types.ts';
import { PASSWORD, READER, type SecuredSite, USER } from './site.ts';

export interface PlainServer {
  process: ProcessDefinition;
  /** Without TLS, or with the server's own. */
  port: number;
}

/** What the platform needs, as docs/operations.md lists it, and a user who reads. */
const USERS = `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <${USER}>
      <password_sha256_hex>${sha256Hex(PASSWORD)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT ALL ON ads*.*</query>
        <query>GRANT SELECT ON system.*</query>
        <query>GRANT TABLE ENGINE ON *</query>
        <query>GRANT CREATE FUNCTION ON *.*</query>
      </grants>
    </${USER}>
    <${READER}>
      <password_sha256_hex>${sha256Hex(PASSWORD)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT ON ads.*</query>
        <query>GRANT SELECT ON system.*</query>
      </grants>
    </${READER}>
    <default>
      <no_password/>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
    </default>
  </users>
</clickhouse>
`;

/**
 * The server of the platform's package with users of its own. It cannot listen for https ("local supports only TCP and
 * HTTP listeners"), so a front does.
 */
export async function securedClickHouse(site: SecuredSite): Promise<PlainServer> {
  const [port, folder] = [await freePort(), join(site.folder, 'clickhouse')];
  const home = engineHome(defaultCacheDir(process.env), 'clickhouse');
  const engine = clickhouse({ version: engineVersions.clickhouse, home, dataDir: site.folder, folder, port });
  return {
    port,
    process: {
      ...engine,
      kind: 'engine',
      async prepare() {
        await engine.prepare();
        writeFileSync(join(folder, 'users.xml'), USERS, { mode: 0o600 });
      },
      async ready() {
        const headers = { 'x-clickhouse-user': USER, 'x-clickhouse-key': PASSWORD, connection: 'close' };
        const answer = await fetch(`${engine.url}/?query=SELECT%201`, { headers }).catch(() => undefined);
        return answer?.ok === true;
      },
    },
  };
}
