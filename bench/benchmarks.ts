import { api } from './api.ts';
import { archive } from './archive.ts';
import { batch, batchGrowth } from './batch.ts';
import { burst } from './burst.ts';
import { batchFreshness } from './freshness.ts';
import { growth } from './growth.ts';
import { hotAds } from './hot_ads.ts';
import { index } from './index.ts';
import { archiveKinds, indexKinds, sinkKinds } from './kinds.ts';
import { memory } from './memory.ts';
import { pipeline, pipelineLimit, pipelinePeak, pipelineUsual } from './pipeline.ts';
import { questions } from './questions.ts';
import { report } from './report.ts';
import { sink } from './sink.ts';
import { sinkWindow, sinkWindowPeak } from './sink_window.ts';
import { tail } from './tail.ts';
import type { Benchmark } from './types.ts';

export const BENCHMARKS: readonly Benchmark[] = [
  tail,
  hotAds,
  sink,
  sinkKinds,
  sinkWindow,
  sinkWindowPeak,
  archive,
  archiveKinds,
  index,
  indexKinds,
  batch,
  batchGrowth,
  batchFreshness,
  growth,
  questions,
  report,
  api,
  memory,
  pipelineUsual,
  pipeline,
  pipelinePeak,
  pipelineLimit,
  burst,
];
