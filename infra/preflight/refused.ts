import { StartError } from '../supervisor/types.ts';

/** Counts would be wrong, or are of another platform: the role does not start, or ends. One line, with what to do. */
export class RefusedError extends StartError {}
