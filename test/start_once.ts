import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platformEnv, startPlatform } from '../prove/platform.ts';
import { BRIEF_JVMS } from './support/brief_jvms.ts';

/** Starts a whole platform in a temporary folder and stops it: by CI, on the other Node. */
const folder = mkdtempSync(join(tmpdir(), 'clickledger-start-'));
const startedMs = performance.now();
const platform = await startPlatform(await platformEnv(folder, BRIEF_JVMS));
const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
const { left } = await platform.stop();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`Node ${process.version}: all ready after ${seconds} s, and stopped\n`);
if (left.length > 0) throw new Error(`processes were left behind: ${left.join('; ')}`);
