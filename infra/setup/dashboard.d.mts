export function ensureDashboard(options?: { root?: string; log?: (line: string) => void }): Promise<string | null>;
