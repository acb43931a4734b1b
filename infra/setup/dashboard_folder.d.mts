export const DASHBOARD_SOURCES: string;
export function dashboardFolder(root?: string): string;
export function builtDashboard(root?: string): string | null;
