/** Settings as Hadoop and Hive read them; neither names nor values may have signs that XML would take for its own. */
export const siteXml = (settings: Record<string, string | number>): string =>
  `<configuration>${Object.entries(settings)
    .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`)
    .join('')}</configuration>`;
