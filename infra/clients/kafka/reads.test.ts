import kafkajs, { type Cluster } from 'kafkajs';
import { expect, test } from 'vitest';
import type { Admin } from './admin.ts';
import { assignerThatReads, readsIn, versionsRead } from './reads.ts';

const cluster = {} as Cluster;
const config = { cluster, groupId: 'g', logger: {} as never };
const metadataOf = (assigner: ReturnType<typeof assignerThatReads>) => assigner(config).protocol({ topics: ['t'] });
const silent = kafkajs.PartitionAssigners.roundRobin(config).protocol({ topics: ['t'] });

test('a member says what it reads, under the protocol of members that say nothing', () => {
  const speaking = metadataOf(assignerThatReads(7));
  expect(speaking.name).toBe(silent.name);
  expect(kafkajs.AssignerProtocol.MemberMetadata.decode(speaking.metadata)?.topics).toEqual(['t']);
  expect(readsIn(speaking.metadata)).toBe(7);
  expect(readsIn(silent.metadata)).toBe(1);
});

test('the versions of all members are known when every group is at rest', async () => {
  const group = (state: string, ...metadata: Buffer[]) => ({
    state,
    members: metadata.map((memberMetadata) => ({ memberMetadata })),
  });
  const ask = (...groups: object[]) =>
    versionsRead({ describeGroups: async () => ({ groups }) } as unknown as Admin, groups.map(String));
  const seven = metadataOf(assignerThatReads(7)).metadata;
  expect(await ask(group('Stable', seven, silent.metadata), group('Stable', seven))).toEqual([7, 1, 7]);
  expect(await ask(group('Stable', seven), group('Empty'))).toBeNull();
  expect(await ask(group('Stable', seven), group('PreparingRebalance', seven))).toBeNull();
});
