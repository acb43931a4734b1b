import { createProbingKafka } from '../../clients/kafka.ts';
import type { KafkaAddress } from '../../engine_settings/addresses.ts';

// A group's partition of the offsets topic is its name's Java hash, modulo their number (8). Names whose last
// characters differ by one have hashes that differ by one: these eight reach each coordinator once.
const GROUPS = [0, 1, 2, 3, 4, 5, 6, 7].map((digit) => `clickledger-probe-${digit}`);

/** Whether the broker answers with its metadata and its group coordinators have loaded their offsets. */
export async function answers(address: KafkaAddress): Promise<boolean> {
  const admin = createProbingKafka(address, 'clickledger-probe').admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) return false;
    for (const groupId of GROUPS) await admin.fetchOffsets({ groupId });
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
