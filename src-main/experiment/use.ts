import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckpointFacts } from '../contract/checkpoint.ts';
import type { EngineBuild } from '../contract/job.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import {
  PicturesFit,
  type ImageSource,
  type ImageSplit,
  type NetworkFile,
  type UseOrder,
  type UseResult,
} from '../contract/use.ts';
import { LibraryError } from '../contract/errors.ts';
import { ExperimentConfig } from '../contract/experiment.ts';
import type { LoadWatch } from '../datasets/dataset.ts';
import { loadDataset } from '../datasets/registry.ts';
import { LocalExecutor } from '../executors/local.ts';
import { openLibrary } from '../store/library.ts';
import { fitCheckpoint, openCheckpoint, pictureShape, type CheckpointOptions } from './checkpoint.ts';
import { askedImages } from './data-argument.ts';
import { StoredResolution } from './resolve.ts';

export interface UseRequest extends CheckpointOptions {
  readonly file: string;
  /** What `--data` says. */
  readonly data?: string | undefined;
  readonly set: readonly string[];
  readonly split: ImageSplit;
  /** For pictures and a file that does not say it. */
  readonly shape?: string | undefined;
  /** Folder of a library that may know where a data set lies. */
  readonly library: string;
}

/** A network and images that fit each other. */
export interface PreparedUse {
  readonly network: NetworkFile;
  readonly images: ImageSource;
  /** Names of the classes, in the order of the outputs. */
  readonly classes: readonly string[];
  readonly data: {
    readonly title: string;
    /** `null` for pictures. */
    readonly digest: string | null;
    /** Whether it is what the network was trained on; `null` where that is not known. */
    readonly trainedOn: boolean | null;
  };
  /** What was done to the file's tensors, for people. */
  readonly notes: readonly string[];
}

/**
 * Looks at a file and the images asked for, before any engine is needed.
 * @throws ConfigError, DataError where they cannot be read or do not fit each other; the reason of the watch's signal.
 */
export async function prepareUse(request: UseRequest, watch?: LoadWatch): Promise<PreparedUse> {
  const checkpoint = openCheckpoint(request.file, request);
  const { facts } = checkpoint;
  const known = (digest: string): NamedSpec | null => knownData(request.library, digest);
  const asked = await askedImages({ data: request.data, set: request.set, facts, known });
  if (asked.kind === 'pictures') {
    const pictures = pictureShape(checkpoint, request.shape);
    const count = asked.files.length;
    return {
      ...fitCheckpoint(checkpoint, pictures),
      images: { kind: 'pictures', files: [...asked.files], fit: fitOf(facts) },
      classes: pictures.classes,
      data: { title: count === 1 ? '1 picture' : `${count} pictures`, digest: null, trainedOn: null },
    };
  }
  const dataset = await loadDataset(asked.source, watch);
  const { title, digest, normalisation } = dataset;
  const trainedOn = facts && facts.datasetDigest === digest;
  const images = {
    title,
    shape: dataset.shape,
    classes: dataset.classes,
    normalisation: { mean: [...normalisation.mean], deviation: [...normalisation.deviation] },
  };
  return {
    ...fitCheckpoint(checkpoint, images),
    images: { kind: 'dataset', source: asked.source, split: request.split },
    classes: facts?.classes ?? dataset.classes,
    data: { title, digest, trainedOn },
  };
}

/** How pictures are made to fit: as those that the network was trained on were. */
function fitOf(facts: CheckpointFacts | null): PicturesFit {
  const fit = PicturesFit.safeParse(facts?.dataset['fit']);
  return fit.success ? fit.data : 'cover';
}

/** A data set of that content with its location, where an experiment of the library has one. */
function knownData(folder: string, digest: string): NamedSpec | null {
  if (!existsSync(join(folder, 'swamp.db'))) return null;
  try {
    const library = openLibrary(folder, { readOnly: true });
    try {
      for (const { config, resolved } of library.store.experiments()) {
        const resolution = StoredResolution.safeParse(resolved);
        const parsed = ExperimentConfig.safeParse(config);
        if (resolution.data?.dataset.digest === digest && parsed.success) return parsed.data.dataset;
      }
      return null;
    } finally {
      library.close();
    }
  } catch (error) {
    // The library is only a place to look: one that cannot be read knows nothing.
    if (error instanceof LibraryError) return null;
    throw error;
  }
}

/** Runs a network in a worker of its own; nothing of a library is touched. @throws the signal's reason. */
export async function runUse(
  engine: EngineBuild,
  order: UseOrder,
  {
    app,
    signal,
    onProgress,
  }: { app: string; signal: AbortSignal; onProgress: (done: number, total: number) => void },
): Promise<UseResult> {
  signal.throwIfAborted();
  const executor = new LocalExecutor({
    entry: fileURLToPath(new URL('../worker.ts', import.meta.url)),
    engine,
    library: '',
    workers: 1,
    threads: availableParallelism(),
    app,
  });
  const end = (): void => void executor.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await executor.use(order, onProgress);
  } catch (error) {
    // What the end of its worker made of the request says nothing that the reason does not.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await executor.close();
  }
}
