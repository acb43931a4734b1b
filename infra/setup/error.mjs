/** Something a person must put right; its message is the one line that they see. */
export class SetupError extends Error {}
