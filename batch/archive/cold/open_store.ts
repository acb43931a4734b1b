import type { Hive } from '../../../infra/clients/hive.ts';
import { hadoopStore } from './hadoop_store.ts';
import { localStore } from './local_store.ts';
import { isLocal, type Location } from './location.ts';
import type { Store } from './store.ts';

/** Storage outside this machine is accessed through Hive, which has the configuration for it. */
export const openStore = (location: Location, hive: Pick<Hive, 'rows'>): Store =>
  isLocal(location) ? localStore(location) : hadoopStore(location, hive);
