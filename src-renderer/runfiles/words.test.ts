import { describe, expect, it } from 'vitest';
import type { ExperimentId, RunId } from '../../src-main/contract/ids.ts';
import { addsSomething, runWords, takenWords, type Packed } from './words.ts';

const packed: Packed = {
  experiment: 'demo-1a2b' as ExperimentId,
  name: 'demo',
  known: 'new',
  runs: [
    { run: 'demo-1a2b/imp/1' as RunId, arm: 'imp', seed: 1, rounds: 3 },
    { run: 'demo-1a2b/imp/2' as RunId, arm: 'imp', seed: 2, rounds: 4 },
    { run: 'demo-1a2b/swamp-4/1' as RunId, arm: 'swamp(4)', seed: 1, rounds: 4 },
  ],
};

describe('what is in a run file', () => {
  it('is told by its arms, seeds and rounds', () => {
    expect(runWords(packed)).toBe('imp, swamp(4); 2 seeds, 4 rounds');
    expect(runWords({ ...packed, runs: packed.runs.slice(0, 1) })).toBe('imp; 1 seed, 3 rounds');
  });

  it('adds something unless the library has as much', () => {
    const all = ['new', 'same', 'grown', 'older', 'other'] as const;
    expect(all.filter((known) => addsSomething({ ...packed, known }))).toEqual(['new', 'grown', 'other']);
  });

  it('is said once it is in', () => {
    const id = packed.experiment;
    expect(takenWords({ added: [id], grown: [] })).toBe('1 experiment added.');
    expect(takenWords({ added: [id, id], grown: [id] })).toBe('2 experiments added, 1 taken further.');
    expect(takenWords({ added: [], grown: [] })).toContain('Nothing was added');
  });
});
