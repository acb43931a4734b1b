import { untilStarted } from './started.ts';

// Files that tests write into DATA_DIR get the same permissions as the platform's.
process.umask(0o077);
await untilStarted();
