import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { factsMetadata } from '../checkpoint/facts.ts';
import { exportFormats } from '../checkpoint/formats.ts';
import { predictionFormatOf } from '../checkpoint/predictions/registry.ts';
import { ConfigError } from '../contract/errors.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { AskedData, AskedNetwork, NetworkUse, UseResult, WrittenPredictions } from '../contract/use.ts';
import { loadDataset } from '../datasets/registry.ts';
import type { Library } from '../store/library.ts';
import { factsOf, findNetwork } from './export.ts';
import { modelTitle } from './own-choice.ts';
import { requireTop, writePredictions } from './predictions.ts';
import type { Watch } from './run-file/pack.ts';
import { prepareUse, runUse, type PreparedUse } from './use.ts';

/** A network and images that are asked for together. */
export interface FitRequest {
  readonly network: AskedNetwork;
  readonly images: AskedData;
  /** Where the network of a run is put for its worker. */
  readonly folder: string;
  /** What for: pictures have no labels to evaluate by. `top`: only so many classes of each image. */
  readonly use: { readonly kind: 'evaluate' } | { readonly kind: 'predict'; readonly top: number | null };
}

/** A path with the home folder in place of `~`; `KIND:~/…` too. */
function atHome(path: string): string {
  return path.replace(/^(\w+:)?~(?=[/\\])/, (_, kind = '') => `${kind}${homedir()}`);
}

/** A run's network in a round as a file like an exported one. @throws as `findNetwork` does. */
export async function putNetwork(
  library: Library,
  asked: Extract<AskedNetwork, { run: unknown }>,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const { prepared, network } = findNetwork(library, asked);
  const dataset = await loadDataset(prepared.config.dataset, { signal });
  const [format] = exportFormats;
  if (!format) throw new Error('there is no export format');
  const file = join(folder, `network${format.extension}`);
  format.write(file, network.tensors(prepared), factsMetadata(factsOf(prepared, network, dataset)));
  return file;
}

/** Looks at a network and images that are asked for. @throws as `prepareUse` and `findNetwork` do. */
export async function fitNetwork(
  library: Library,
  { network, images, folder, use }: FitRequest,
  { report, signal }: Watch,
): Promise<PreparedUse> {
  report({ step: 'reading the network' });
  const { file, ...said } =
    'run' in network
      ? { file: await putNetwork(library, network, folder, signal), names: 'auto' }
      : { ...network, file: atHome(network.file) };
  const { data, ...where } = images;
  const request = {
    file,
    ...said,
    ...where,
    ...(data === undefined ? {} : { data: atHome(data) }),
    library: library.dir,
  };
  const prepared = await prepareUse(request, {
    signal,
    onProgress: ({ message, share }) => report({ step: message, done: share }),
  });
  if (use.kind === 'evaluate') requireLabels(prepared);
  else requireTop(use.top, prepared, '');
  return prepared;
}

/** @throws ConfigError of pictures, which have none. */
export function requireLabels({ images }: PreparedUse): void {
  if (images.kind === 'dataset') return;
  throw new ConfigError(
    'pictures without labels cannot be evaluated',
    'Give a data set, or write what it says of them to a file (`swamp predict`).',
  );
}

export interface UseOptions {
  readonly prepared: PreparedUse;
  readonly engine: EngineBuild;
  readonly app: string;
  /** A file for predictions; `null`: none. */
  readonly predictions: {
    readonly out: string;
    readonly network: string;
    readonly top: number | null;
  } | null;
}

/** Runs a network on images, and writes predictions where they are wanted. @throws the signal's reason. */
export async function useNetwork(
  { prepared, engine, app, predictions }: UseOptions,
  { report, signal }: Watch,
): Promise<{ readonly used: NetworkUse; readonly written: WrittenPredictions | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-use-'));
  try {
    const raw = predictions && join(folder, 'predictions.safetensors');
    const { network, images } = prepared;
    const result = await runUse(
      engine,
      { network, images, predictions: raw },
      {
        app,
        signal,
        onProgress: (done, total) =>
          report({ step: `${done} of ${total} images`, done: total === 0 ? null : done / total }),
      },
    );
    const used = describeUse(prepared, result);
    if (!predictions || raw === null) return { used, written: null };
    const { out } = predictions;
    report({ step: `writing ${basename(out)}`, done: null });
    const file = writePredictions(raw, { ...predictions, format: predictionFormatOf(out) }, prepared);
    return { used, written: { out, bytes: file.bytes, sha256: file.digest } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was run on what, and what it came to. */
export function describeUse(prepared: PreparedUse, result: UseResult): NetworkUse {
  const { network, images, data, classes, notes } = prepared;
  const { evaluation, sparsity } = result;
  const { title, trainedOn } = data;
  return {
    notes: [...notes],
    model: modelTitle(network.model),
    data: { title, trainedOn, split: images.kind === 'dataset' ? images.split : null, images: result.images },
    sparsity,
    evaluation: evaluation && { accuracy: evaluation.accuracy, nll: evaluation.nll, ece: evaluation.ece },
    classes: classes.map((name, index) => ({
      name,
      images: evaluation?.perClass.images[index] ?? null,
      accuracy: evaluation?.perClass.accuracy[index] ?? null,
    })),
    confusion: evaluation && evaluation.perClass.confusion,
  };
}
