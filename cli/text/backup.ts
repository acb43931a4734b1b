import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { type BackupManifest, partName } from '../backup/manifest.ts';
import type { Verified } from '../backup/verify.ts';

const NOT_IN_IT =
  'not in it: archived events (the archive has its own backup), secrets and tokens, and what is calculated from these\n';

/** A line for each part, and what is lost if Kafka is lost with the machine. */
export function backupText({ folder, manifest }: { folder: string; manifest: BackupManifest }): string {
  const waiting = Object.entries(manifest.not_archived).flatMap(([event, messages]) => {
    if (messages === 0) return [];
    const of = PLURAL[event as EventKind];
    return [
      messages === null
        ? `  ${of} only in Kafka: it does not say how many\n`
        : `  ${of} only in Kafka: ${messages} messages\n`,
    ];
  });
  return [
    `${folder}\n`,
    ...manifest.parts.map((part) => `  ${partName(part)}: ${part.rows} lines, ${part.bytes} bytes\n`),
    NOT_IN_IT,
    ...waiting,
  ].join('');
}

export function verifiedText({ folder, parts }: { folder: string; parts: Verified[] }): string {
  const wrong = parts.filter((part) => part.wrong !== null).length;
  return [
    `${folder}\n`,
    ...parts.map(({ part, rows, wrong }) =>
      wrong === null ? `  ${part}: ${rows} lines, restored beside and equal\n` : `  ${part}: ${wrong}\n`,
    ),
    wrong === 0 ? 'the backup is whole\n' : `${wrong} of ${parts.length} parts are not as they were\n`,
  ].join('');
}
