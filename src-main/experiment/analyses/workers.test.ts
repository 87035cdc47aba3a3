import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import type { ExperimentId, RunId } from '../../contract/ids.ts';
import { parseConfig } from '../config.ts';
import type { StoredResolution } from '../resolve.ts';
import { analysisOf } from './plan.ts';

const cores = Math.min(4, availableParallelism());

test.each<[string, Partial<StoredResolution>, object, number]>([
  ['one worker trained', { workers: 1 }, {}, cores],
  ['more workers than that trained', { workers: 7 }, {}, 7],
  ['the experiment asks for one', { workers: 1 }, { workers: 1 }, 1],
  ['it runs on a GPU', { workers: 1, backend: 'tensorflow-cuda' }, {}, 1],
])('%s: workers of its analyses', (_what, resolved, config, workers) => {
  const experiment = 'test-0' as ExperimentId;
  const request = { analysis: { kind: 'masks' }, subjects: [{ run: 'test-0/imp/1' as RunId }] };
  const of = {
    experiment,
    config: parseConfig({
      name: 'test',
      dataset: { kind: 'digits' },
      model: { kind: 'lenet' },
      arms: ['imp'],
      ...config,
    }),
    resolution: { threads: 2, backend: 'tensorflow-cpu', ...resolved } as StoredResolution,
  };
  expect(analysisOf(request, [of]).resolution).toMatchObject({ workers, threads: 2 });
});
