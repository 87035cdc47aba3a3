import { setImmediate } from 'node:timers/promises';
import { exportFormat } from '../checkpoint/formats.ts';
import { writeSafetensors } from '../checkpoint/safetensors.ts';
import type { Tensor } from '../checkpoint/tensor.ts';
import { EVALUATION_BATCH } from '../contract/job.ts';
import { layOut } from '../contract/parameters.ts';
import type { ImageSource, NetworkFile, UseOrder, UseResult } from '../contract/use.ts';
import { loadPictures } from '../datasets/pictures.ts';
import { describeModel, openModel } from '../models/registry.ts';
import { predict, type Images } from './evaluation.ts';
import { flatStatistics, flatWeights } from './flat.ts';
import { classResults, metricsOf } from './metrics.ts';
import { countSparsity, flatMask, readNetwork } from './network-file.ts';
import { predictionStep, type NetworkTask } from './programs.ts';
import type { Workspace } from './workspace.ts';

/** Images between two reports of progress. */
const REPORT_IMAGES = 4 * EVALUATION_BATCH;

type Advance = (done: number, total: number) => void;

/** Some images, with labels where there are any. */
interface Batch extends Images {
  readonly labels: ArrayLike<number> | null;
}

/** Runs a network in a file on images, with the batch-norm statistics in the file. */
export async function useNetwork(
  { network, images: source, predictions }: UseOrder,
  workspace: Workspace,
  advance: Advance,
): Promise<UseResult> {
  const { path, format, naming, model, shape, classes, pruneClassifier, prunable, normalisation } = network;
  const description = describeModel(model, shape, classes);
  const layout = layOut(description.parameters, pruneClassifier, prunable);
  const { tensors } = exportFormat(format).read(path);
  const named = readNetwork(tensors, network, { path, naming, want: 'network' });
  const weights = flatWeights(layout, named.tensors, path);
  const statistics = flatStatistics(description, named.tensors, path);
  const parts = await imagesOf(source, network, workspace);
  const task: NetworkTask = { model: openModel(model), description, layout, classes, normalisation };
  const probabilities = await predictAll(workspace, task, { weights, statistics }, parts, advance);
  const labels = labelsOf(parts);
  if (predictions !== null) {
    const shapeOf = [probabilities.length / classes, classes];
    const written: [string, Tensor][] = [
      ['probabilities', { dtype: 'F32', shape: shapeOf, data: probabilities }],
    ];
    if (labels) written.push(['labels', { dtype: 'I32', shape: [labels.length], data: labels }]);
    writeSafetensors(predictions, new Map(written));
  }
  return {
    images: probabilities.length / classes,
    sparsity: countSparsity(layout, weights, flatMask(layout, named.masks, path)),
    evaluation: labels && {
      ...metricsOf(probabilities, labels, classes),
      perClass: classResults(probabilities, labels, classes),
    },
  };
}

/** The images asked for, in order. */
async function imagesOf(source: ImageSource, { shape }: NetworkFile, workspace: Workspace): Promise<Batch[]> {
  if (source.kind === 'pictures') {
    const [height = 0, width = 0, channels = 0] = shape;
    const images = await loadPictures(source.files, [height, width, channels], source.fit);
    return [{ images, shape: [height, width, channels], labels: null }];
  }
  const dataset = await workspace.dataset(source.source);
  const parts = { test: [dataset.test], train: [dataset.train], all: [dataset.train, dataset.test] };
  return parts[source.split].map(({ images, labels }) => ({ images, labels, shape: dataset.shape }));
}

/** Labels of all images, or `null` where some have none. */
function labelsOf(parts: readonly Batch[]): Int32Array | null {
  const lists = parts.map(({ labels }) => labels).filter((labels) => labels !== null);
  if (lists.length < parts.length) return null;
  const all = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const labels of lists) {
    all.set(labels, at);
    at += labels.length;
  }
  return all;
}

/** @returns [images × classes] in C order */
async function predictAll(
  workspace: Workspace,
  task: NetworkTask,
  { weights, statistics }: { weights: Float32Array; statistics: Float32Array },
  parts: readonly Batch[],
  advance: Advance,
): Promise<Float32Array> {
  await workspace.begin();
  const step = predictionStep(workspace.engine, task);
  const pixels = (shape: Images['shape']): number => shape[0] * shape[1] * shape[2];
  const total = parts.reduce((sum, { images, shape }) => sum + images.length / pixels(shape), 0);
  const probabilities = new Float32Array(total * task.classes);
  let done = 0;
  for (const { images, shape } of parts) {
    const size = pixels(shape);
    for (let at = 0; at < images.length / size; at += REPORT_IMAGES) {
      const some = { images: images.subarray(at * size, (at + REPORT_IMAGES) * size), shape };
      const made = predict(step, weights, statistics, some, null, task.classes);
      probabilities.set(made, done * task.classes);
      done += made.length / task.classes;
      advance(done, total);
      // The steps block the thread: let messages out.
      await setImmediate();
    }
  }
  step.dispose();
  return probabilities;
}
