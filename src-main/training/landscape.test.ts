import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { interpolate } from '../averaging/average.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { Stopped } from './context.ts';
import { MemoryPartial } from './fixtures.ts';
import { furthest, Looking, type LandscapeReference } from './landscape.fixture.ts';
import { measuredSeries } from './landscape.ts';

const reference = JSON.parse(
  readFileSync(new URL('../../e2e/verify/fixtures/landscape.json', import.meta.url), 'utf8'),
) as LandscapeReference;
let looking: Looking;
let a: Float32Array, b: Float32Array, c: Float32Array, d: Float32Array;

beforeAll(() => {
  looking = new Looking(loadTensorFlow(inject('engine')), reference);
  [a, b, c, d] = looking.solutions as [Float32Array, Float32Array, Float32Array, Float32Array];
});

describe('a line between two solutions', () => {
  test('has the losses and errors that PyTorch has', async () => {
    const { series } = await looking.line([a, b], {});
    expect(series['alpha']).toEqual(reference.line['alpha']);
    const { loss, error } = furthest(series, reference.line);
    expect(loss).toBeLessThan(1e-5);
    expect(error).toBeLessThan(1e-9);
  });

  test('without its ends leaves them to be measured once', async () => {
    const whole = (await looking.line([a, b], {})).series;
    const { series } = await looking.line([a, b], { ends: false });
    const [start, end] = [await looking.measure(a), await looking.measure(b)];
    expect(series['alpha']).toEqual(whole['alpha']?.slice(1, -1));
    for (const name of ['trainLoss', 'trainError', 'testLoss', 'testError'])
      expect([...(start.series[name] ?? []), ...(series[name] ?? []), ...(end.series[name] ?? [])]).toEqual(
        whole[name],
      );
  });

  test('goes on after a stop with what it has measured', async () => {
    const partial = new MemoryPartial();
    let left = 4;
    const stopped = looking.line([a, b], {}, { partial, stopRequested: () => --left === 0 });
    await expect(stopped).rejects.toThrow(Stopped);
    expect(partial.load()?.tensors.get('judged')?.shape).toEqual([4, 4]);
    const told: number[] = [];
    const { series } = await looking.line(
      [a, b],
      {},
      { partial, progress: ({ iteration }) => void told.push(iteration) },
    );
    expect(told).toEqual([5, 6, 7, 8, 9]);
    expect(series).toEqual((await looking.line([a, b], {})).series);
  });

  test('looks at no test images where it is told to', async () => {
    const { series } = await looking.line([a, b], { testImages: 0 });
    expect(Object.keys(series).sort()).toEqual(['alpha', 'trainError', 'trainLoss']);
    expect(series['trainLoss']).toEqual((await looking.line([a, b], {})).series['trainLoss']);
  });

  test('looks at all images, and estimates on all, where nothing is said', async () => {
    const all = { trainingImages: 80, testImages: 40, statisticsImages: 80 };
    const said = await looking.line([a, b], { ...all, points: 3 });
    const unsaid = await looking.line([a, b], {
      ...{ trainingImages: 1000, points: 3 },
      testImages: undefined,
      statisticsImages: undefined,
    });
    expect(unsaid.series).toEqual(said.series);
    const fewer = await looking.line([a, b], { ...all, statisticsImages: 60, points: 3 });
    expect(fewer.series['trainLoss']).not.toEqual(said.series['trainLoss']);
  });

  test('names where there are no numbers; an arm’s line is refused', async () => {
    const broken = b.slice().fill(NaN, 0, 1);
    const { series } = await looking.line([a, broken], { points: 4, ends: false });
    expect(series).toMatchObject({ lost: [0, 1], trainLoss: [0, 0], testError: [0, 0] });
    await expect(looking.line([a, broken], { points: 4 })).rejects.toThrow(/no numbers at α = 0$/);
    expect((await looking.measure(broken)).series['lost']).toEqual([0]);
  });
});

describe('a surface through three solutions', () => {
  test('has the losses, errors and places that PyTorch has', async () => {
    const average = a.map((weight, at) => (weight + (b[at] ?? NaN) + (c[at] ?? NaN)) / 3);
    const { series } = await looking.surface([a, b, c], [d, average]);
    for (const side of ['x', 'y'] as const)
      for (const [at, value] of reference.surface[side].entries())
        expect(series[side]?.[at]).toBeCloseTo(value, 5);
    for (const [at, place] of reference.surface.places.entries())
      for (const [axis, name] of ['placeX', 'placeY', 'placeDistance'].entries())
        expect(series[name]?.[at]).toBeCloseTo(place[axis] ?? NaN, 5);
    const { loss, error } = furthest(series, reference.surface);
    expect(loss).toBeLessThan(1e-5);
    expect(error).toBeLessThan(1e-9);
    expect(furthest((await looking.measure(d)).series, reference.measured).loss).toBeLessThan(1e-5);
  });

  test('comes in slabs of rows that make the whole', async () => {
    const whole = (await looking.surface([a, b, c], [])).series;
    const upper = (await looking.surface([a, b, c], [], { rows: { from: 0, to: 2 } })).series;
    const lower = (await looking.surface([a, b, c], [], { rows: { from: 2, to: 5 } })).series;
    expect([...(upper['testLoss'] ?? []), ...(lower['testLoss'] ?? [])]).toEqual(whole['testLoss']);
    expect(lower['y']).toEqual(whole['y']);
  });

  test('is not measured where they lie on one line, or two are equal', async () => {
    for (const third of [interpolate(a, b, 0.4), a.slice()]) {
      let measured = 0;
      const { series } = await looking.surface([a, b, third], [d], {}, { progress: () => void measured++ });
      expect(series).toEqual({ flat: [1] });
      expect(measured).toBe(0);
    }
  });
});

test('a measurement that is lost keeps its place', () => {
  expect(
    measuredSeries([
      [1, 0.5],
      [NaN, NaN],
      [2, 0.25],
    ]),
  ).toEqual({ trainLoss: [1, 0, 2], trainError: [0.5, 0, 0.25], lost: [1] });
});
