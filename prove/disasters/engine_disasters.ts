import { rmSync } from 'node:fs';
import type { Disaster } from './disaster.ts';

const lost = (name: string, ...folder: string[]): Disaster => ({
  name,
  async harm(site) {
    await site.stop();
    rmSync(site.path(...folder), { recursive: true });
  },
});

export const ENGINE_DISASTERS: Disaster[] = [
  lost('clickhouse-lost', 'engines', 'clickhouse', 'data'),
  lost('elasticsearch-lost', 'engines', 'elasticsearch', 'data'),
  lost('metastore-lost', 'engines', 'hive', 'metastore'),
];
