import { readFileSync } from 'node:fs';
import type { Layout } from '../../contract/parameters.ts';
import { describeModel, modelLayout, openModel } from '../../models/registry.ts';
import { statisticsLength } from '../network.ts';
import type { NetworkTask } from '../programs.ts';

/** What scores_reference.py computed with PyTorch; see there. */
interface Reference {
  readonly width: number;
  readonly side: number;
  readonly batches: number;
  readonly temperature: number;
  readonly sparsity: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly images: string;
  readonly labels: string;
  readonly mask: string;
  readonly statistics: Readonly<Record<string, readonly number[]>>;
  readonly [vector: string]: unknown;
}

const CLASSES = 10;
const reference = JSON.parse(
  readFileSync(new URL('../../../e2e/verify/fixtures/scores.json', import.meta.url), 'utf8'),
) as Reference;

/** ResNet-8 on 8×8 images, and PyTorch's numbers of it. */
export function scoresFixture() {
  const { width, side, batches, mean, deviation, labels, temperature, sparsity } = reference;
  const spec = { kind: 'resnet', depth: 8, width };
  const shape = [side, side, 3] as const;
  const layout = modelLayout(spec, shape, CLASSES, false);
  const description = describeModel(spec, shape, CLASSES);
  const normalisation = { mean, deviation };
  const task: NetworkTask = { model: openModel(spec), description, layout, classes: CLASSES, normalisation };
  const images = new Uint8Array(Buffer.from(reference.images, 'base64'));
  const size = labels.length / batches;
  const feeds = Array.from({ length: batches }, (_, batch) => {
    const from = batch * size * side * side * 3;
    return {
      images: {
        shape: [size, ...shape],
        data: images.slice(from, from + size * side * side * 3),
      },
      labels: {
        shape: [size],
        data: Int32Array.from(labels.slice(batch * size, (batch + 1) * size), Number),
      },
    };
  });
  /** One number for each element of the layout. */
  const vector = (name: string): Float32Array => floats(reference[name]);
  /** One for each prunable weight, laid out among zeros. */
  const prunable = (name: string): Float32Array => spread(layout, floats(reference[name]));
  const statistics = new Float32Array(statisticsLength(description));
  let offset = 0;
  for (const part of ['mean', 'variance'])
    for (const { name } of description.statistics) {
      const values = reference.statistics[`${name}/${part}`] ?? [];
      statistics.set(values, offset);
      offset += values.length;
    }
  const mask = spread(layout, Float32Array.from(reference.mask, Number));
  return { task, layout, shape, feeds, vector, prunable, statistics, mask, temperature, sparsity };
}

function floats(text: unknown): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(String(text), 'base64')).buffer);
}

/** Values of the prunable tensors in a row, each put in its place. */
function spread({ parameters, total }: Layout, values: Float32Array): Float32Array {
  const flat = new Float32Array(total);
  let from = 0;
  for (const { prunable, offset, size } of parameters) {
    if (!prunable) continue;
    flat.set(values.subarray(from, (from += size)), offset);
  }
  return flat;
}
