import { expect, test } from 'vitest';
import type { ExperimentId } from '../../contract/ids.ts';
import { parseConfig } from '../config.ts';
import { digitsResolved, planOf } from '../plan.fixture.ts';
import type { SubjectRun } from './analysis.ts';
import type { ArmRuns } from './seeds.ts';
import { partnersOf, settingsNotes, settingsOf, settingsText } from './settings.ts';

/** An arm of one run, with what a test changes in its experiment's configuration. */
function armOf(label: string, change: Record<string, unknown> = {}, experiment = 'a-0', arm = label) {
  const fields = { dataset: { kind: 'idx', path: '/images' }, model: { kind: 'lenet' }, arms: ['imp'] };
  const config = parseConfig({ name: 'test', recipe: { epochs: 10 }, ...fields, ...change });
  const run = { experiment: experiment as ExperimentId, config, plan: planOf({}), seed: 1 } as SubjectRun;
  return { label, arm, runs: [run] } satisfies ArmRuns;
}

const [plain] = armOf('imp').runs;

test.each([
  ['names, arms and seeds', { name: 'other', arms: ['swamp'], seeds: [7] }],
  ['where data lie', { dataset: { kind: 'idx', path: '/elsewhere' } }],
  ['how work is shared out', { threads: 3, workers: 2, engine: 'cpu' }],
  ['a default that is written out', { prunable: { convolutions: true } }],
])('settings are the same with other %s', (_what, change) => {
  const [other] = armOf('imp', change).runs;
  expect(other && settingsOf(other)).toBe(plain && settingsOf(plain));
});

test.each([
  ['recipe', { recipe: { epochs: 20 } }],
  ['ticket', { ticket: { epochs: 3 } }],
  ['schedule', { sparsity: { kind: 'geometric', fraction: 0.2, rounds: 3 } }],
  ['data', { dataset: { kind: 'digits' } }],
  ['split', { split: { validation: 0.2 } }],
])('settings are others with another %s', (_what, change) => {
  const [other] = armOf('imp', change).runs;
  expect(other && settingsOf(other)).not.toBe(plain && settingsOf(plain));
});

test('a file that is started from counts by its digest', () => {
  const started = (digest: string): SubjectRun => {
    const start = { weights: { digest, names: 'torch' } };
    const plan = { ...planOf({}), resolved: { ...digitsResolved, start } };
    return { ...armOf('imp', { start: { weights: `/${digest}` } }).runs[0], plan } as SubjectRun;
  };
  expect(settingsOf(started('a'))).not.toBe(settingsOf(started('b')));
  const moved = { ...started('a'), config: armOf('imp', { start: { weights: '/moved' } }).runs[0]?.config };
  expect(settingsOf(moved as SubjectRun)).toBe(settingsOf(started('a')));
});

test('partners have the same settings, and of one label those of the same experiment go first', () => {
  const own = armOf('swamp(4)', {}, 'a-0');
  const near = armOf('imp of a-0', {}, 'a-0', 'imp');
  const far = armOf('imp of b-0', {}, 'b-0', 'imp');
  const other = armOf('imp of c-0', { recipe: { epochs: 20 } }, 'c-0', 'imp');
  expect(partnersOf(own, [other, far, near])).toEqual([near]);
  expect(partnersOf(own, [other, far])).toEqual([far]);
  expect(partnersOf(own, [other])).toEqual([]);
});

test('what differs is told of each arm, and nothing where nothing does', () => {
  const change = { recipe: { epochs: 20 }, dataset: { kind: 'idx', path: '/elsewhere' }, threads: 1 };
  const arms = [armOf('imp'), armOf('swamp(4)', change, 'b-0'), armOf('swamp(1)')];
  expect(settingsText(arms)).toBe('imp, swamp(1) with recipe.epochs 10; swamp(4) with recipe.epochs 20');
  expect(settingsNotes(arms)).toHaveLength(1);
  expect(settingsText([armOf('imp'), armOf('swamp(4)', { seeds: [2], arms: ['swamp'] })])).toBeNull();
  const many = { learningRate: 0.2, warmup: 3, batch: 64, epochs: 20, mixup: 0.1 };
  expect(settingsText([armOf('imp'), armOf('swamp(4)', { recipe: many })])).toMatch(
    /recipe.epochs 10, 1 more; swamp/,
  );
});
