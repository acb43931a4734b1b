/** Settings in the format of Hadoop and Hive; names and values must not contain characters special to XML. */
export const siteXml = (settings: Record<string, string | number>): string =>
  `<configuration>${Object.entries(settings)
    .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`)
    .join('')}</configuration>`;
