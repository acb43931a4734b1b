import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultCacheDir } from '../../infra/setup/engines.mjs';
import type { Docker } from './docker.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BASE_SCRIPT = fileURLToPath(new URL('base-image.sh', import.meta.url));
export const IMAGE = 'clickledger-test:latest';

interface Base {
  name: string;
  /** For the table of what was run. */
  said: string;
}

/** The image that the Dockerfile begins with: the official one, or where none can be pulled a stand-in made here. */
export async function baseImage(docker: Docker): Promise<Base> {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const [, name = '', version = ''] = /^ARG NODE_IMAGE=(node:([\d.]+)\S*)$/m.exec(dockerfile) ?? [];
  if (!docker.isOwn) return { name, said: `official ${name}` };
  const tar = join(defaultCacheDir(process.env), 'containers', `node-${version}.tar`);
  if (!existsSync(tar)) await promisify(execFile)(BASE_SCRIPT, [tar, version]);
  const own = `clickledger-test-node:${version}`;
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const authorities = process.env.NODE_EXTRA_CA_CERTS ? ' NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' : '';
  await docker.run('import', '--change', `ENV ${path}${authorities}`, tar, own);
  return { name: own, said: `stand-in for ${name}, by debootstrap` };
}

/** Builds the Dockerfile. Returns the megabytes that it adds to its base. */
export async function buildImage(docker: Docker, base: Base): Promise<number> {
  // npm in the build asks the registry that npm outside asks, on the network of this machine.
  await docker.run('build', '--network', 'host', '--build-arg', `NODE_IMAGE=${base.name}`, '--tag', IMAGE, ROOT);
  const [size, baseSize] = await Promise.all([IMAGE, base.name].map((name) => sizeOf(docker, name)));
  return Math.round((Number(size) - Number(baseSize)) / 1e6);
}

const sizeOf = (docker: Docker, name: string): Promise<string> =>
  docker.run('image', 'inspect', '--format', '{{.Size}}', name);
