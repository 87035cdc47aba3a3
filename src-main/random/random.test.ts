import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { normal, permutation, streamFor, uniform, uniformInt, type Place } from './random.ts';

const words = (place: Place, count: number): number[] => {
  const stream = streamFor(place);
  return Array.from({ length: count }, () => stream.next());
};

test('golden values: a change here changes every stored result', () => {
  expect(words({ seed: 1, purpose: 'order' }, 4)).toMatchInlineSnapshot(`
    [
      -1408935300,
      1787464720,
      -528660015,
      -1671426661,
    ]
  `);
  expect(words({ seed: 7, purpose: 'augment', member: 1, round: 2, particle: 3, epoch: 4 }, 4))
    .toMatchInlineSnapshot(`
    [
      -684696908,
      1214901275,
      -980605581,
      -1706573426,
    ]
  `);
  expect([...permutation(streamFor({ seed: 1, purpose: 'order' }), 16)].join()).toMatchInlineSnapshot(
    `"0,15,9,2,1,14,3,11,5,4,8,13,7,12,6,10"`,
  );
  const ints = streamFor({ seed: 1, purpose: 'split' });
  expect([2, 3, 10, 1000, 2 ** 31, 2 ** 32].map((range) => uniformInt(ints, range))).toMatchInlineSnapshot(`
    [
      1,
      1,
      1,
      392,
      1130037534,
      3683806522,
    ]
  `);
  expect(uniform(streamFor({ seed: 1, purpose: 'init' }))).toMatchInlineSnapshot(`0.4251821602301237`);
  const values = new Float32Array(5);
  normal(streamFor({ seed: 1, purpose: 'init' }), values, 0.5);
  expect([...values]).toMatchInlineSnapshot(`
    [
      -0.06612823158502579,
      0.37617355585098267,
      0.5597185492515564,
      -0.075218565762043,
      0.7585071325302124,
    ]
  `);
});

test('the state is the first 128 bits of SHA-256 of the address', () => {
  const hash = createHash('sha256').update('3/order/1/2/0/5').digest();
  const [s0, s1] = [hash.readBigUInt64BE(0), hash.readBigUInt64BE(8)];
  // xoroshiro128+ gives s0 + s1, of which pure-rand takes the lower half.
  const low = (hash.readInt32BE(4) + hash.readInt32BE(12)) | 0;
  expect(Number(BigInt.asIntN(32, s0 + s1))).toBe(low);
  expect(words({ seed: 3, purpose: 'order', member: 1, round: 2, epoch: 5 }, 1)).toEqual([low]);
});

test('two streams of one place agree, and one draws nothing from another', () => {
  const place: Place = { seed: 4, purpose: 'dropout', epoch: 2 };
  const alone = words(place, 100);
  const [a, b] = [streamFor(place), streamFor({ ...place, epoch: 3 })];
  expect(
    alone.map(() => {
      b.next();
      return a.next();
    }),
  ).toEqual(alone);
});

test('neighbours share no orders: seed, member, round, particle, epoch and purpose', () => {
  const base = { seed: 1, member: 0, round: 0, particle: 0, epoch: 0 };
  const orders = new Set<string>();
  let places = 0;
  for (const key of ['seed', 'member', 'round', 'particle', 'epoch'] as const)
    for (let step = 1; step <= 20; step++) {
      places++;
      const stream = streamFor({ ...base, purpose: 'order', [key]: base[key] + step });
      orders.add(permutation(stream, 50).join());
    }
  for (const purpose of [
    'split',
    'init',
    'ticket',
    'ticket-augment',
    'order',
    'augment',
    'ticket-cutout',
    'cutout',
    'ticket-mixup',
    'mixup',
    'dropout',
  ] as const) {
    places++;
    orders.add(permutation(streamFor({ ...base, purpose }), 50).join());
  }
  expect(orders.size).toBe(places);
  // Nor the same order shifted: of 1,000 images, about one keeps its place by chance.
  const [one, next] = [1, 2].map((seed) => permutation(streamFor({ seed, purpose: 'order' }), 1000));
  expect(one?.filter((value, i) => value === next?.[i]).length).toBeLessThan(8);
});

test('places that are not integers are refused', () => {
  expect(() => streamFor({ seed: 1.5, purpose: 'order' })).toThrow('seed 1.5');
  expect(() => streamFor({ seed: 1, purpose: 'order', epoch: -1 })).toThrow('epoch -1');
  expect(() => uniformInt(streamFor({ seed: 1, purpose: 'order' }), 0)).toThrow('range 0');
});

test('integers are uniform: chi-squared over 7 values', () => {
  const stream = streamFor({ seed: 2, purpose: 'order' });
  const counts = new Float64Array(7);
  for (let i = 0; i < 70_000; i++) {
    const value = uniformInt(stream, 7);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  expect(chi).toBeLessThan(22.5); // 6 degrees of freedom, p = 0.001
});

test('every order of four is equally likely', () => {
  const stream = streamFor({ seed: 3, purpose: 'order' });
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = permutation(stream, 4).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(49.7); // 23 degrees of freedom, p = 0.001
});

test('normal values have the moments of a normal distribution, odd lengths too', () => {
  const values = new Float32Array(100_001);
  normal(streamFor({ seed: 5, purpose: 'init' }), values, 2);
  const moment = (power: number): number =>
    values.reduce((sum, value) => sum + (value / 2) ** power, 0) / values.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.013);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
  expect(Math.abs(moment(3))).toBeLessThan(0.05);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  expect(values.at(-1)).not.toBe(0);
});
