import { untilStarted } from './started.ts';

await untilStarted();
