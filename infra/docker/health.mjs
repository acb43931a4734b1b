// Health check of a role's container: the role has reported that it is ready, and its metrics endpoint answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [role] = process.argv.slice(2);
try {
  const { ready, metricsUrl } = JSON.parse(
    readFileSync(join(process.env.DATA_DIR ?? './data', 'run', `${role}.json`), 'utf8'),
  );
  const answer = await fetch(metricsUrl);
  process.exit(ready && answer.ok ? 0 : 1);
} catch (error) {
  process.stderr.write(`${role}: ${error.message}\n`);
  process.exit(1);
}
