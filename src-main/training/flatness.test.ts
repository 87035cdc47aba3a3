import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { traceOf } from '../analysis/hutchinson.ts';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { Stopped } from './context.ts';
import { evenParts } from './curvature.ts';
import { MemoryPartial } from './fixtures.ts';
import { Flatness, type FlatnessReference } from './flatness.fixture.ts';

const reference = JSON.parse(
  readFileSync(new URL('../../e2e/verify/fixtures/flatness.json', import.meta.url), 'utf8'),
) as FlatnessReference;

const PROBES = 24;

let engines: Record<string, Engine>;

beforeAll(async () => {
  const wasm = await loadWasm({ variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] });
  engines = { tensorflow: loadTensorFlow(inject('engine')), wasm };
});

const opened = new Map<string, Flatness>();

/** Each once: what it computes with is recorded then. */
function open(name: 'dense' | 'masked', engine = 'tensorflow'): Flatness {
  const known = opened.get(`${name} ${engine}`);
  const flatness = known ?? new Flatness(engines[engine] as Engine, reference, name);
  opened.set(`${name} ${engine}`, flatness);
  return flatness;
}

describe.each(['tensorflow', 'wasm'])('on %s, the Hessian that PyTorch has', (engine) => {
  describe.each(['dense', 'masked'] as const)('%s', (name) => {
    const { alive, trace, deviation, eigenvalues } = reference[name];

    it('gives its products, of batches that are not of one size', async () => {
      expect(await open(name, engine).distance()).toBeLessThan(1e-4);
    });

    it('has its trace within the error bars, which are as long as they should be', async () => {
      const { series } = await open(name, engine).trace({ probes: PROBES });
      expect(series['alive']).toEqual([alive]);
      const { mean, standardError } = traceOf(series['probe'] ?? []);
      expect(Math.abs(mean - trace)).toBeLessThan(2 * (standardError ?? NaN));
      const share = (standardError ?? NaN) / (deviation / Math.sqrt(PROBES));
      expect(share).toBeGreaterThan(0.65);
      expect(share).toBeLessThan(1.4);
    });

    it('has its largest eigenvalues within 1 %, and within their errors', async () => {
      const { series } = await open(name, engine).eigenvalues();
      expect(series['converged']).toEqual([1]);
      for (const [at, value] of eigenvalues.slice(0, 5).entries()) {
        const away = Math.abs((series['eigenvalue']?.[at] ?? NaN) - value);
        expect(away).toBeLessThan(0.01 * value);
        expect(away).toBeLessThan((series['error']?.[at] ?? NaN) + 1e-4 * value);
      }
    });
  });
});

describe('a job that is stopped', () => {
  /** Stops it again and again, after so many steps, until it is done. */
  async function inPieces(run: (context: object) => Promise<{ series: object }>): Promise<object> {
    const partial = new MemoryPartial();
    for (let piece = 0; piece < 100; piece++) {
      let left = 7;
      try {
        const { series } = await run({ partial, stopRequested: () => --left === 0 });
        expect(piece).toBeGreaterThan(3);
        return series;
      } catch (error) {
        expect(error).toBeInstanceOf(Stopped);
      }
    }
    throw new Error('it never ends');
  }

  it('goes on with its probes to the same bits', async () => {
    const flatness = open('masked');
    const whole = await flatness.trace({ probes: 8 });
    expect(await inPieces((context) => flatness.trace({ probes: 8 }, context))).toEqual(whole.series);
  });

  it('goes on with its search to the same bits', async () => {
    const flatness = open('masked');
    const whole = await flatness.eigenvalues({ count: 2 });
    expect(await inPieces((context) => flatness.eigenvalues({ count: 2 }, context))).toEqual(whole.series);
  });
});

it('says which probe was lost where a product is not finite', async () => {
  const weights = { ...reference.dense.weights };
  const nan = Buffer.from(Float32Array.of(NaN).buffer).toString('base64');
  weights['classifier/bias'] = Buffer.concat(
    Array.from({ length: 10 }, () => Buffer.from(nan, 'base64')),
  ).toString('base64');
  const broken = { ...reference, dense: { ...reference.dense, weights } };
  const flatness = new Flatness(engines['tensorflow'] as Engine, broken, 'dense');
  expect((await flatness.trace()).series).toMatchObject({ probe: [], lost: [0] });
  expect((await flatness.eigenvalues()).series).toMatchObject({ eigenvalue: [], error: [], lost: [0] });
});

it('refuses to look at more images than there are', async () => {
  await expect(open('dense').trace({ images: 82 })).rejects.toThrow(
    '82 training images are asked for, the split has 80',
  );
});

it.each([
  [60, 16, [16, 16, 14, 14]],
  [1000, 50, Array.from({ length: 20 }, () => 50)],
  [10, 50, [10]],
  [2, 2, [2]],
])('%i images in even parts of at most %i', (images, most, parts) => {
  expect(evenParts(images, most)).toEqual(parts);
});
