import { describe, expect, it } from 'vitest';
import type { ExperimentId } from '../../../src-main/contract/ids.ts';
import { choicesOf, defaults, queryOf, questionOf } from './address.ts';

describe('the address of a comparison', () => {
  it('says nothing of what is as usual', () => {
    expect(queryOf(defaults)).toEqual({});
    expect(
      queryOf({ ...defaults, experiments: ['a-1', 'b-2'] as ExperimentId[], metric: 'nll', within: 2 }),
    ).toEqual({
      e: ['a-1', 'b-2'],
      metric: 'nll',
      within: '2',
    });
  });

  it('gives back every choice', () => {
    const chosen = {
      ...defaults,
      experiments: ['a-1'] as ExperimentId[],
      metric: 'ece',
      split: 'validation',
      x: 'training',
      scale: 'linear',
      band: 'interval',
      cost: 'weights',
      hidden: ['imp', 'swamp(4) p=0.3'],
      from: 0.5,
      confidence: 0.9,
      within: 0.5,
      baseline: 'all',
    } as const;
    expect(choicesOf(queryOf(chosen) as never)).toEqual(chosen);
  });

  it('passes over what it does not know', () => {
    const query = { e: ['a-1', null, 'a-1', ''], metric: 'speed', from: '1.5', within: 'x', confidence: '0' };
    expect(choicesOf(query as never)).toEqual({ ...defaults, experiments: ['a-1'] });
  });

  it('asks the host for what changes figures, and for nothing else', () => {
    const asked = questionOf({
      ...defaults,
      experiments: ['a-1'] as ExperimentId[],
      metric: 'nll',
      hidden: ['imp'],
    });
    expect(asked).toEqual({ experiments: ['a-1'], from: 0.78, confidence: 0.95, within: 1 });
  });
});
