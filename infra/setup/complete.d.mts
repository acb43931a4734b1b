export function markWhole(folder: string): number;
export function isWhole(folder: string): boolean;
