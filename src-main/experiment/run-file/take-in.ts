import { statfs } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { KnownAs, RunFileContents } from '../../contract/api/files.ts';
import { ConfigError, LibraryError } from '../../contract/errors.ts';
import type { Digest, ExperimentId, RunId } from '../../contract/ids.ts';
import type { Holding } from '../../store/adopt.ts';
import type { Library } from '../../store/library.ts';
import { LogBook } from '../../store/logs.ts';
import type { ReceivedObject } from '../../store/objects.ts';
import { newId } from '../studio.ts';
import { groupOf, titlesOf } from '../titles.ts';
import type { ExperimentConfig } from '../../contract/experiment.ts';
import { withRunFile, type PackedExperiment, type RunFile } from './open.ts';
import type { Watch } from './pack.ts';

/** Bytes that stay free on the library's disk. */
const SPARE_BYTES = 64 * 2 ** 20;

/** How an experiment of a run file stands to a library. */
interface Standing {
  readonly known: KnownAs;
  /** Its id in the library, where it has or gets one. */
  readonly id: ExperimentId;
  readonly holding: Holding;
  /** Objects of it that the library lacks. */
  readonly objects: readonly Digest[];
  /** Experiments of the library that it changes. */
  readonly touched: readonly ExperimentId[];
}

/** What came of an import. */
export interface TakenIn {
  /** Those of the file, by their ids in this library. */
  readonly experiments: ExperimentId[];
  /** Those of them that are new. */
  readonly added: ExperimentId[];
  /** Those of them that were there and are now further on. */
  readonly grown: ExperimentId[];
}

/** What a run file holds. @throws DataError where it is damaged, foreign or of a newer version. */
export async function lookAt(library: Library, path: string): Promise<RunFileContents> {
  return await withRunFile(path, async (file) => {
    const { version, app, written } = file.manifest;
    const experiments: RunFileContents['experiments'] = [];
    for (const { id, name, runs } of file.manifest.experiments) {
      const { known } = standingOf(library, file, await file.experiment(id));
      const shown = runs.map(({ id: run, arm, seed, rounds }) => ({ run: run as RunId, arm, seed, rounds }));
      experiments.push({ experiment: id, name, runs: shown, known });
    }
    const sizes = [...file.objects.values()];
    const objects = { files: sizes.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
    return { file: path, bytes: file.bytes, version, app, written, experiments, objects };
  });
}

/**
 * Takes the experiments of a run file into a library that this process holds. All of the file is checked before the first
 * row is written; each experiment comes in one transaction. What the library has stays.
 * @param isBusy whether an experiment of the library runs, or waits for its turn.
 * @throws DataError as `lookAt`; ConfigError where an experiment that it would change is busy; LibraryError; the signal's
 * reason. Then nothing has changed.
 */
export async function takeIn(
  library: Library,
  path: string,
  { report, signal, isBusy = () => false }: Watch & { readonly isBusy?: (id: ExperimentId) => boolean },
): Promise<TakenIn> {
  return await withRunFile(path, async (file) => {
    const wanted = new Set<Digest>();
    for (const { id } of file.manifest.experiments) {
      signal.throwIfAborted();
      report({ step: `history of ${id}`, done: null });
      const standing = standingOf(library, file, await file.experiment(id));
      requireIdle(standing, isBusy);
      for (const digest of standing.objects) wanted.add(digest);
    }
    await requireRoom(library, file, wanted);
    const received = await receive(library, file, wanted, { report, signal });
    try {
      const packed: PackedExperiment[] = [];
      for (const { id } of file.manifest.experiments) packed.push(await file.experiment(id));
      return await inTurn(library, () =>
        adoptAll(library, file, { packed, received, isBusy, report, signal }),
      );
    } catch (error) {
      for (const object of received) object.discard();
      throw error;
    }
  });
}

/** Imports that write into a library, the last of them. */
const writing = new WeakMap<Library, Promise<unknown>>();

/** After the imports that write already: what they bring is there when this one looks. */
async function inTurn<T>(library: Library, write: () => Promise<T>): Promise<T> {
  const mine = (writing.get(library) ?? Promise.resolve()).then(write);
  writing.set(
    library,
    mine.catch(() => undefined),
  );
  return await mine;
}

/** Everything that was read, experiment by experiment. */
async function adoptAll(
  library: Library,
  file: RunFile,
  {
    packed,
    received,
    isBusy,
    report,
    signal,
  }: Watch & {
    readonly packed: readonly PackedExperiment[];
    readonly received: readonly ReceivedObject[];
    readonly isBusy: (id: ExperimentId) => boolean;
  },
): Promise<TakenIn> {
  signal.throwIfAborted();
  // As the library is now: what is read takes its time.
  const standings = packed.map((each) => standingOf(library, file, each));
  for (const standing of standings) requireIdle(standing, isBusy);
  // From here on it is seen through to its end.
  for (const object of received) object.keep();
  report({ step: 'taking in', done: null });
  const taken: TakenIn = { experiments: [], added: [], grown: [] };
  for (const [at, standing] of standings.entries()) {
    requireIdle(standing, isBusy);
    const each = packed[at];
    if (each) adopt(library, file.path, { packed: each, standing, taken });
    await setImmediate();
  }
  return taken;
}

/** One experiment, in one transaction. */
function adopt(
  library: Library,
  path: string,
  { packed, standing, taken }: { packed: PackedExperiment; standing: Standing; taken: TakenIn },
): void {
  const { experiment, config, resolution } = packed;
  const { known, id, holding } = standing;
  const { store } = library;
  taken.experiments.push(id);
  if (holding !== 'none' && store.experiment(id).removed !== null) store.restoreExperiment(id);
  if (known === 'same' || known === 'older') return;
  const log = new LogBook(library.dir);
  if (holding === 'none') log.put(id, experiment.log);
  const groups = experiment.runs.map(({ spec }) =>
    groupOf(config, resolution, spec as ExperimentConfig['arms'][number]),
  );
  store.adopt(packed, id, holding, { titles: titlesOf(config, resolution), groups });
  (known === 'grown' ? taken.grown : taken.added).push(id);
  const other = id === experiment.id ? '' : ` as ${id}, as there is another ${experiment.id}`;
  const message = `${known === 'grown' ? 'grown' : 'imported'} from ${basename(path)}${other}`;
  log.append(id, { level: 'info', what: 'imported', message });
}

function standingOf({ store }: Library, file: RunFile, { experiment }: PackedExperiment): Standing {
  const inFile = file.objects;
  const brought = store.brings(experiment, (digest) => inFile.has(digest));
  for (const id of store.kin(experiment)) {
    const holding = store.holding(experiment, id);
    if (holding === null) continue;
    const isMore = holding === 'part' || brought.results.length > 0 || brought.objects.length > 0;
    const { counts } = store.experiment(id);
    const done = experiment.jobs.filter(({ state }) => state === 'done').length;
    const isOlder = holding === 'more' || counts.done > done;
    const known = isMore ? 'grown' : isOlder ? 'older' : 'same';
    const touched = isMore ? [id, ...brought.experiments] : [];
    return { known, id, holding, objects: brought.objects, touched };
  }
  const isTaken = store.isTaken(experiment.id);
  const id = isTaken ? newId(experiment.name, (each) => store.isTaken(each)) : experiment.id;
  const touched = [...brought.experiments];
  return { known: isTaken ? 'other' : 'new', id, holding: 'none', objects: brought.objects, touched };
}

/** Nothing is changed under the feet of what runs. */
function requireIdle({ touched }: Standing, isBusy: (id: ExperimentId) => boolean): void {
  const busy = touched.find(isBusy);
  if (busy === undefined) return;
  throw new ConfigError(
    `${busy} is running or waits for its turn, and the file has results of its jobs`,
    `Wait until it is done, or pause it (\`swamp pause ${busy}\`); then import the file again.`,
  );
}

async function requireRoom({ dir }: Library, file: RunFile, wanted: ReadonlySet<Digest>): Promise<void> {
  const needed = [...wanted].reduce((sum, digest) => sum + (file.objects.get(digest) ?? 0), 0);
  const { bavail, bsize } = await statfs(dir);
  if (bavail * bsize >= needed + SPARE_BYTES) return;
  const mega = (value: number): string => `${Math.ceil(value / 2 ** 20)} MB`;
  throw new LibraryError(
    `the library's disk has ${mega(bavail * bsize)} free; the checkpoints of ${file.path} need ${mega(needed + SPARE_BYTES)}`,
    'Free some space; or pack the file with fewer checkpoints (--with networks or none). Nothing of it was taken in.',
  );
}

/**
 * Reads all objects of the file, those that are not wanted as well: one that is damaged is refused whole.
 * @returns those that are wanted, in the library but not under their names yet.
 */
async function receive(
  { objects: store }: Library,
  file: RunFile,
  wanted: ReadonlySet<Digest>,
  { report, signal }: Watch,
): Promise<ReceivedObject[]> {
  const inFile = file.objects;
  const total = [...inFile.values()].reduce((sum, bytes) => sum + bytes, 0);
  let done = 0;
  async function* watched(digest: Digest): AsyncGenerator<Buffer> {
    for await (const chunk of file.object(digest)) {
      signal.throwIfAborted();
      done += chunk.length;
      report({ step: 'checkpoints', done: done / total });
      yield chunk;
    }
  }
  const received: ReceivedObject[] = [];
  try {
    for (const digest of inFile.keys()) {
      if (wanted.has(digest)) received.push(await store.receive(digest, watched(digest)));
      else for await (const _chunk of watched(digest));
    }
    return received;
  } catch (error) {
    for (const object of received) object.discard();
    throw error;
  }
}
