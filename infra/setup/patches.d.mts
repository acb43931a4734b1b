export function hashOfPatches(root: string): string;
/** Why the patches could not be applied to the packages of `root`, in one line; undefined: they are. */
export function applyPatches(root: string): string | undefined;
