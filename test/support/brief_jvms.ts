/** For engines that live for minutes: the second compiler and the parallel collector would cost more than they save. */
export const BRIEF_JVMS = { CLICKLEDGER_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC' };
