/** A failure that needs manual action; its message is the one line shown. */
export class SetupError extends Error {}
