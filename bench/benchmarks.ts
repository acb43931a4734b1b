import { hotAds } from './hot_ads.ts';
import { sink, sinkManyAds } from './sink.ts';
import type { Benchmark } from './types.ts';

export const BENCHMARKS: readonly Benchmark[] = [hotAds, sink, sinkManyAds];
