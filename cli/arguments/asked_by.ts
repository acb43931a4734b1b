import { userInfo } from 'node:os';

/** Who asks for a correction, for the record. In a container the user may have a number and no name. */
export function askedBy(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}
