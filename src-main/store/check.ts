import { setImmediate } from 'node:timers/promises';
import { LibraryError } from '../contract/errors.ts';
import type { Digest, ExperimentId, JobKey } from '../contract/ids.ts';
import { Database } from './database.ts';
import type { Maker } from './health.ts';
import type { Library } from './library.ts';
import { ObjectStore } from './objects.ts';

export interface BrokenObject {
  readonly digest: Digest;
  readonly path: string;
  readonly health: 'missing' | 'damaged';
  /** Jobs that made it: they are computed again. */
  readonly jobs: readonly Maker[];
}

/** What a check found. */
export interface LibraryCheck {
  /** What is wrong with the database, in words. */
  readonly database: readonly string[];
  /** Objects that rows need, and bytes that were read. */
  readonly objects: { readonly checked: number; readonly bytes: number };
  readonly broken: readonly BrokenObject[];
  readonly checkpoints: {
    readonly checked: number;
    readonly damaged: readonly { readonly job: JobKey; readonly path: string }[];
  };
}

/** Who waits for a check. */
export interface CheckWatch {
  readonly report: (progress: { readonly step: string; readonly done: number | null }) => void;
  readonly signal: AbortSignal;
}

/** Looks at the whole database and reads every object. @throws the signal's reason. */
export async function checkLibrary(
  { store, objects }: Library,
  { report, signal }: CheckWatch,
): Promise<LibraryCheck> {
  report({ step: 'the database', done: null });
  const database = store.problems();
  const needed = store.neededObjects();
  const total = needed.reduce((sum, { bytes }) => sum + bytes, 0);
  const broken: BrokenObject[] = [];
  let done = 0;
  for (const { digest, bytes } of needed) {
    // Between two of them whoever waits can change their mind.
    await setImmediate();
    signal.throwIfAborted();
    const health = objects.verify(digest);
    if (health !== 'sound')
      broken.push({ digest, path: objects.path(digest), health, jobs: store.makersOf(digest) });
    done += bytes;
    report({ step: 'checkpoints and results', done: done / Math.max(1, total) });
  }
  const checkpoints = [...objects.listPartial()];
  const damaged = checkpoints.filter(({ job }) => objects.readPartial(job) === null);
  return {
    database,
    objects: { checked: needed.length, bytes: total },
    broken,
    checkpoints: { checked: checkpoints.length, damaged: damaged.map(({ job, path }) => ({ job, path })) },
  };
}

/** Jobs that wait again, and the experiments to resume. */
export interface Mended {
  jobs: JobKey[];
  experiments: ExperimentId[];
}

/** Deletes of these files what is not sound, and lets the jobs that made the objects wait again; rests between files. */
export async function mendLibrary(
  { store, objects }: Library,
  suspects: { readonly objects: readonly Digest[]; readonly checkpoints: readonly JobKey[] },
): Promise<Mended> {
  const broken: Digest[] = [];
  for (const digest of suspects.objects) {
    await setImmediate();
    if (objects.verify(digest) === 'sound') continue;
    objects.remove(digest);
    broken.push(digest);
  }
  for (const job of suspects.checkpoints) {
    await setImmediate();
    if (objects.readPartial(job) === null) objects.removePartial(job);
  }
  const makers = broken.flatMap((digest) => store.makersOf(digest));
  const jobs = store.requeueLost(new Set(makers.map(({ key }) => key)));
  return { jobs, experiments: [...new Set(makers.flatMap((maker) => maker.experiments))] };
}

/** What is left of a library whose database cannot be opened. */
export interface Wreck {
  readonly error: LibraryError;
  /** Rows that can still be read, by table; `whole` where all can. */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly whole: boolean }[];
  /** Files in objects/ that are what their names say, and others. */
  readonly objects: { readonly sound: number; readonly damaged: number; readonly bytes: number };
}

/** Looks at what can be rescued, and changes nothing. @param dir the library's folder. */
export function surveyWreck(dir: string, path: string, error: LibraryError): Wreck {
  const objects = new ObjectStore(dir);
  let [sound, damaged, size] = [0, 0, 0];
  for (const { digest, bytes } of objects.list()) {
    if (objects.verify(digest) === 'sound') {
      sound += 1;
      size += bytes;
    } else damaged += 1;
  }
  return { error, tables: readableRows(path), objects: { sound, damaged, bytes: size } };
}

/** Tables in which a rescue would look first. */
const tables = ['experiments', 'runs', 'jobs', 'objects', 'job_outputs', 'job_metrics', 'tags'];

function readableRows(path: string): Wreck['tables'] {
  let db: Database | null = null;
  try {
    db = new Database(path, { readOnly: true });
    const open = db;
    return tables.map((name) => ({ name, ...count(open, name) }));
  } catch {
    return [];
  } finally {
    db?.close();
  }
}

/** Reads row by row, until one cannot be read. */
function count(db: Database, table: string): { rows: number; whole: boolean } {
  let rows = 0;
  try {
    for (const _row of db.prepare(`SELECT * FROM ${table}`).iterate()) rows += 1;
    return { rows, whole: true };
  } catch (error) {
    if (error instanceof LibraryError || (error as Error).message.startsWith('no such table'))
      return { rows, whole: false };
    throw error;
  }
}

/** What a check found, in words. */
export function problemsOf({ database, broken, checkpoints }: LibraryCheck): string[] {
  return [
    ...database,
    ...broken.map(({ health, path, jobs }) => {
      const experiments = [...new Set(jobs.flatMap((job) => job.experiments))];
      return `${path} is ${health}; it belongs to ${experiments.join(', ')}`;
    }),
    ...checkpoints.damaged.map(({ path }) => `${path} is damaged: its job starts afresh`),
  ];
}
