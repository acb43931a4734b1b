import { untilStarted } from './started.ts';

// What tests write into DATA_DIR is as closed as what the platform writes.
process.umask(0o077);
await untilStarted();
