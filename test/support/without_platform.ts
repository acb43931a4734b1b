import { existsSync, writeFileSync } from 'node:fs';
import { inject } from 'vitest';
import { endFile } from './started.ts';

// As until_started.ts has it.
process.umask(0o077);
const env = inject('env');
// Else it has been stopped already.
if (existsSync(env.DATA_DIR ?? '')) writeFileSync(endFile(env), '');
