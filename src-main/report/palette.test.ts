import { expect, test } from 'vitest';
import { armSymbols, paletteOf } from './palette.ts';

const arm = (kind: string, label = kind) => ({ arm: label, kind });

test('kinds that everybody has keep their colours, the largest swamp its first', () => {
  const arms = [arm('imp'), arm('swamp', 'swamp(1)'), arm('swamp', 'swamp(4)')];
  expect(paletteOf({ arms }, 'light').arms).toEqual(['#0072b2', '#b87800', '#d55e00']);
});

test('as long as there are colours no two arms have the same', () => {
  const arms = Array.from({ length: 7 }, (_, at) => arm(`kind${at}`));
  expect(new Set(paletteOf({ arms }, 'dark').arms).size).toBe(7);
});

test('of many arms no two have the same colour and the same symbol', () => {
  const arms = ['imp', 'imp-ensemble', 'swamp', ...Array.from({ length: 27 }, (_, at) => `kind${at}`)];
  const colours = paletteOf({ arms: arms.map((kind) => arm(kind)) }, 'light').arms;
  const marks = colours.map((colour, at) => `${colour} ${armSymbols[at % armSymbols.length]}`);
  expect(new Set(marks).size).toBe(30);
});
