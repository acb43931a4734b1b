/** A missing or malformed setting: one line that names it. */
export class ConfigError extends Error {}
