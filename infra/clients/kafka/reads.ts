import kafkajs, { type PartitionAssigner } from 'kafkajs';
import { z } from 'zod';
import { parsedJson } from '../../../domain/parse.ts';
import type { Admin } from './admin.ts';

const { AssignerProtocol, PartitionAssigners } = kafkajs;

/** What a member of a group says of itself when it joins. */
const said = z.object({ reads: z.int().min(1) });

/**
 * Assigns partitions as all members do, and has this member tell the group which version of messages it reads. A
 * release that says nothing can be a member beside it.
 */
export const assignerThatReads =
  (reads: number): PartitionAssigner =>
  (config) => {
    const assigner = PartitionAssigners.roundRobin(config);
    const userData = Buffer.from(JSON.stringify({ reads }));
    return {
      ...assigner,
      protocol: ({ topics }) => ({
        name: assigner.name,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: assigner.version, topics, userData }),
      }),
    };
  };

/** What the metadata of a member says of the version that it reads; 1 if it says nothing. */
export function readsIn(memberMetadata: Buffer): number {
  const userData = AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData;
  if (!userData || userData.length === 0) return 1;
  return parsedJson(said, userData.toString(), 'what a member of a group says of itself').reads;
}

/** The versions that the members of these groups read; null while that is not known, since a group has none or changes. */
export async function versionsRead(admin: Admin, groupIds: string[]): Promise<number[] | null> {
  const { groups } = await admin.describeGroups(groupIds);
  const isKnown = groups.length === groupIds.length && groups.every(({ state }) => state === 'Stable');
  return isKnown ? groups.flatMap(({ members }) => members.map(({ memberMetadata }) => readsIn(memberMetadata))) : null;
}
