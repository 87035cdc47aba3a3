import { describe, expect, test } from 'vitest';
import { pointAfter, pointOf, type PointKey, type PointPlace } from './points.ts';

const option = {
  xAxis: { type: 'value' },
  series: [
    { id: 'band', name: 'edge', silent: true, data: [[0, 1]] },
    { id: 'a', name: 'imp', data: [[0, 0.1], [10, null], [20, 0.3], { value: [30, 0.4] }] },
    { id: 'none', name: 'nothing yet', data: [] },
    { name: 'swamp', data: [[5, 0.5], [19, 0.6]] }, // prettier-ignore
  ],
};

function go(...keys: readonly PointKey[]): PointPlace | null {
  return keys.reduce<PointPlace | null>((place, key) => pointAfter(option, place, key), null);
}

describe('the keyboard in a chart', () => {
  test('begins at the first point of the first series that has one', () => {
    expect(go('ArrowRight')).toEqual({ series: 1, point: 0 });
    expect(pointAfter({ series: [] }, null, 'ArrowRight')).toBeNull();
    expect(pointAfter({ parallelAxis: [], series: [{ data: [[1, 2, 3]] }] }, null, 'End')).toBeNull();
  });

  test('goes along a series past points without a value, and stays at its ends', () => {
    expect(go('Home', 'ArrowRight')).toEqual({ series: 1, point: 2 });
    expect(go('Home', 'ArrowLeft')).toEqual({ series: 1, point: 0 });
    expect(go('Home', 'End', 'ArrowRight')).toEqual({ series: 1, point: 3 });
    expect(go('Home', 'End', 'Home')).toEqual({ series: 1, point: 0 });
  });

  test('goes to the nearest point of the next series and back', () => {
    expect(go('Home', 'ArrowDown')).toEqual({ series: 3, point: 0 });
    expect(go('Home', 'End', 'ArrowDown')).toEqual({ series: 3, point: 1 });
    expect(go('Home', 'End', 'ArrowDown', 'ArrowUp')).toEqual({ series: 1, point: 2 });
    expect(go('Home', 'ArrowUp')).toEqual({ series: 1, point: 0 });
  });

  test('a point that went is left for the next one that is there', () => {
    expect(pointAfter(option, { series: 1, point: 1 }, 'ArrowRight')).toEqual({ series: 1, point: 3 });
    expect(pointAfter(option, { series: 9, point: 4 }, 'ArrowRight')).toEqual({ series: 1, point: 0 });
  });

  test('points have words and the id of their series', () => {
    expect(pointOf(option, { series: 1, point: 2 })).toEqual({ id: 'a', words: 'imp: 0.3 at 20' });
    expect(pointOf(option, { series: 3, point: 0 })).toEqual({ id: undefined, words: 'swamp: 0.5 at 5' });
    expect(pointOf(option, { series: 1, point: 1 })).toBeNull();
  });
});
