import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

/** Free and total bytes of the file system of a folder, read whenever the metrics are. */
export function watchDisk(metrics: Registry, of: string, folder: string): void {
  const gauge = (name: string, help: string, bytes: (found: { free: number; size: number }) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['of'],
      registers: [metrics],
      async collect() {
        this.reset();
        const found = await statfs(folder).catch(() => null);
        if (found === null) return;
        const { bavail, blocks, bsize } = found;
        this.set({ of }, bytes({ free: bavail * bsize, size: blocks * bsize }));
      },
    });
  };
  gauge(
    'clickledger_disk_free_bytes',
    'free space that the process may use on the disk of a folder',
    ({ free }) => free,
  );
  gauge('clickledger_disk_size_bytes', 'size of the disk of a folder', ({ size }) => size);
}
