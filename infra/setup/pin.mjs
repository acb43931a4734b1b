// `node infra/setup/pin.mjs NAME …`, after a version or a pom.xml was changed: fetches the engines and writes down the
// SHA-256 of each of their files. Read the difference before you commit it.
import { defaultCacheDir, pinEngine } from './engines.mjs';

for (const name of process.argv.slice(2)) await pinEngine(name, defaultCacheDir(process.env), console.log);
