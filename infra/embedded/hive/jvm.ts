const OPENED_PACKAGES = [
  'lang',
  'lang.ref',
  'lang.reflect',
  'lang.invoke',
  'io',
  'net',
  'nio',
  'util',
  'util.concurrent',
  'util.concurrent.atomic',
  'util.regex',
  'time',
  'math',
  'text',
  'security',
].map((name) => `java.base/java.${name}`);

const OPENED_INTERNALS = [
  'java.base/sun.nio.ch',
  'java.base/sun.nio.cs',
  'java.base/sun.security.action',
  'java.base/sun.util.calendar',
  'java.base/jdk.internal.ref',
  'java.sql/java.sql',
  'java.xml/jdk.xml.internal',
  'java.security.jgss/sun.security.krb5',
];

/** Hive 4.0 was written for Java 8: on 17 these packages must be opened. */
export const OPENINGS = [...OPENED_PACKAGES, ...OPENED_INTERNALS].map((name) => `--add-opens=${name}=ALL-UNNAMED`);
