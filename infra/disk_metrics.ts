import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

/** Free and total bytes of the file system of a folder, read whenever the metrics are. */
export function watchDisk(metrics: Registry, of: string, folder: string): void {
  const [labelNames, registers] = [['of'], [metrics]];
  const size = new Gauge({
    name: 'clickledger_disk_size_bytes',
    help: 'size of the disk of a folder',
    labelNames,
    registers,
  });
  new Gauge({
    name: 'clickledger_disk_free_bytes',
    help: 'free space that the process may use on the disk of a folder',
    labelNames,
    registers,
    async collect() {
      for (const gauge of [this, size]) gauge.reset();
      const found = await statfs(folder).catch(() => null);
      if (found === null) return;
      const { bavail, blocks, bsize } = found;
      this.set({ of }, bavail * bsize);
      size.set({ of }, blocks * bsize);
    },
  });
}
