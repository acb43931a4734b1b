export function bundledProgram(root?: string, log?: (line: string) => void): Promise<string>;
