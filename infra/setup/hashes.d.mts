export function listOf(folder: string): Promise<string>;
export function checkHashes(options: { what: string; folder: string; list: string }): Promise<void>;
