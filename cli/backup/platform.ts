import { z } from 'zod';
import type { Register } from '../../infra/register/register.ts';
import type { BackupManifest } from './manifest.ts';

const firstArchive = z.object({ id: z.string().nullable(), at: z.string() });

/** What tells a platform from others: the first archive that was its own, which is on record since its first start. */
export async function platformOf(register: Register): Promise<string | null> {
  const [first] = await register.list('stores/archive/');
  const found = first === undefined ? null : await register.read(firstArchive, first);
  return found === null ? null : `${found.id ?? 'none'} of ${found.at}`;
}

/** Null: the register is this platform's. */
export function otherPlatform(manifest: BackupManifest, folder: string, own: string | null): string | null {
  if (own === manifest.platform) return null;
  const here = own === null ? 'REGISTER_URL has no record of a platform' : `REGISTER_URL is that of platform ${own}`;
  return `${folder} is a backup of platform ${manifest.platform}, and ${here}: name the right one`;
}
