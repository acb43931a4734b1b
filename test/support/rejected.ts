/** A rejected line as a log monitor with stricter rules would have stored it. */
export function rejectedLine(n: number, line: string, reason = 'bad_country') {
  const at = { host: 'web-1', file: '/logs/a.log', generation: 'g', offset: n };
  return { key: `web-1:g:${n}`, value: JSON.stringify({ reason, line, ...at, seen_at: new Date().toISOString() }) };
}

/** The n-th line of an ad, valid by the current rules. */
export const lineOfRejected = (ad: string, n: number, id = ''): string =>
  `[AdClickEvent] ${ad}, 2007-01-01 00:${String(n % 60).padStart(2, '0')}:00, user ${n}, 10.0.0.1, US${id}`;

/** A rejected message as a sink with other rules would have stored it. */
export function rejectedMessage(topic_partition: string, topic_offset: number, value: Buffer) {
  const kept = { reason: 'bad_message', topic_partition, topic_offset, message_base64: value.toString('base64') };
  return { key: `${topic_partition}-${topic_offset}`, value: JSON.stringify(kept) };
}
