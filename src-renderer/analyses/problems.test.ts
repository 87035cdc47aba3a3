import { expect, test } from 'vitest';
import { HostError } from '../client.ts';
import { problemsOf } from './problems.ts';
import { optionsWords, progressWords } from './said.ts';

const refused = (message: string): HostError =>
  new HostError({ name: 'ConfigError', message, hint: 'Do so.' });

test('what names options stands beside them', () => {
  const { fields, rest } = problemsOf(
    refused('analysis.points: Too big (given: 9000); analysis.levels.2: Too small'),
    ['points', 'levels'],
  );
  expect(fields).toEqual([
    { path: ['analysis', 'points'], message: 'Too big (given: 9000)', hint: '' },
    { path: ['analysis', 'levels', 2], message: 'Too small', hint: '' },
  ]);
  expect(rest).toBeNull();
});

test('one that a kind has found stands there with what to do', () => {
  const { fields } = problemsOf(refused('round: no two of these runs have a mask in round 9'), ['round']);
  expect(fields).toEqual([
    { path: ['analysis', 'round'], message: 'no two of these runs have a mask in round 9. Do so.', hint: '' },
  ]);
});

test('what is of the whole stays whole', () => {
  const error = refused('shapes: a/imp/1 and b/imp/1 have others; choose others');
  expect(problemsOf(error, ['points'])).toEqual({ fields: [], rest: error });
  expect(problemsOf(null, [])).toEqual({ fields: [], rest: null });
});

test('progress is told with what is left, or what is before it', () => {
  const counts = { waiting: 8, running: 1, done: 1200, failed: 0, cancelled: 0 };
  const quiet = { phase: 'quiet' as const, ahead: 0, eta: null };
  expect(progressWords({ counts }, quiet)).toBe('1,200 of 1,209 jobs done');
  expect(progressWords({ counts }, { ...quiet, phase: 'queued', ahead: 2 })).toContain(
    '2 before it in the queue',
  );
  const eta = { done: 0.5, roundSeconds: null, experimentSeconds: 90 };
  expect(progressWords({ counts: { ...counts, failed: 2 } }, { phase: 'running', ahead: 0, eta })).toBe(
    '1,200 of 1,211 jobs done, 2 failed, 1 min 30 s left',
  );
});

test('options are told by their names', () => {
  expect(optionsWords({ kind: 'flatness', probes: 32, batchNorm: true, levels: [1, 2] })).toBe(
    'probes 32, batch norm yes, levels 1 2',
  );
  expect(optionsWords({ kind: 'flatness' })).toBe('');
});
