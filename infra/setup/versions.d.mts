export function parseVersion(text: string): number[] | undefined;
export function isAtLeast(version: number[], minimum: number[]): boolean;
