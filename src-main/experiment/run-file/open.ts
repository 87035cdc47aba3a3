import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { statSync } from 'node:fs';
import type { z } from 'zod';
import { listZip, readMember, readStored, ZipError, type ZipEntry } from '../../archive/zip.ts';
import { fileError } from '../../checkpoint/files.ts';
import { ConfigError, DataError, SwampError } from '../../contract/errors.ts';
import { ExperimentConfig } from '../../contract/experiment.ts';
import type { Digest, ExperimentId } from '../../contract/ids.ts';
import { JobSpec } from '../../contract/job.ts';
import {
  MANIFEST_ENTRY,
  RUN_FILE_VERSION,
  RunFileExperiment,
  RunFileHead,
  RunFileManifest,
} from '../../contract/runfile.ts';
import { jobKey } from '../keys.ts';
import { StoredResolution } from '../resolve.ts';
import { documentEntry, OBJECT_ENTRY, seriesEntry } from './names.ts';

/** Most bytes of a document: it is held in memory. */
const LARGEST_DOCUMENT = 512 * 2 ** 20;

/** An experiment in a run file, checked. */
export interface PackedExperiment {
  readonly experiment: RunFileExperiment;
  readonly config: ExperimentConfig;
  readonly resolution: StoredResolution;
  /** Float64, in the order in which the jobs name them. */
  readonly series: Uint8Array;
}

/** A run file whose form is sound. What is in its entries is checked when they are read. */
export class RunFile {
  readonly path: string;
  /** Of the file. */
  readonly bytes: number;
  readonly manifest: RunFileManifest;
  readonly #file: FileHandle;
  readonly #entries: ReadonlyMap<string, ZipEntry>;
  readonly #digests: ReadonlyMap<string, string>;

  private constructor(
    path: string,
    file: FileHandle,
    manifest: RunFileManifest,
    entries: ReadonlyMap<string, ZipEntry>,
  ) {
    this.path = path;
    this.bytes = statSync(path).size;
    this.manifest = manifest;
    this.#file = file;
    this.#entries = entries;
    this.#digests = new Map(manifest.entries.map(({ name, sha256 }) => [name, sha256]));
  }

  /** @throws DataError where it is no run file, damaged, cut short or of a newer version. */
  static async open(path: string): Promise<RunFile> {
    const file = await openFile(path);
    try {
      const listed = await listEntries(path);
      const manifest = await readManifest(file, path, listed);
      requireListed(path, manifest, listed, (await file.stat()).size);
      return new RunFile(path, file, manifest, listed);
    } catch (error) {
      await file.close();
      throw explained(error, path);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Objects in it, with their bytes. */
  get objects(): ReadonlyMap<Digest, number> {
    const found = new Map<Digest, number>();
    for (const [name, { bytes }] of this.#entries) {
      const digest = OBJECT_ENTRY.exec(name)?.[1];
      if (digest !== undefined) found.set(digest as Digest, bytes);
    }
    return found;
  }

  /** @throws DataError where it is damaged or not what it should be. */
  async experiment(id: ExperimentId): Promise<PackedExperiment> {
    const document = parseJson(await this.#read(documentEntry(id)), this.path);
    const parsed = RunFileExperiment.safeParse(document);
    if (!parsed.success) throw damaged(this.path, `${id} cannot be read: ${firstIssue(parsed.error)}`);
    const { config, resolution } = settingsOf(this.path, parsed.data);
    const series = await this.#read(seriesEntry(id));
    checkExperiment(this.path, id, parsed.data, series.length);
    return { experiment: parsed.data, config, resolution, series };
  }

  /** The bytes of an object as they come, checked at their end. */
  async *object(digest: Digest): AsyncGenerator<Buffer> {
    const name = `objects/${digest}.safetensors`;
    const entry = this.#entries.get(name);
    if (!entry) throw damaged(this.path, `${name} is missing`);
    const hash = createHash('sha256');
    try {
      for await (const chunk of readStored(this.#file, this.path, entry)) {
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw explained(error, this.path);
    }
    if (hash.digest('hex') !== digest) throw damaged(this.path, `${name} is not what it was`);
  }

  async #read(name: string): Promise<Buffer> {
    const entry = this.#entries.get(name);
    if (!entry) throw damaged(this.path, `${name} is missing`);
    if (entry.bytes > LARGEST_DOCUMENT) throw damaged(this.path, `${name} is too large`);
    let data: Buffer;
    try {
      data = await readMember(this.#file, this.path, entry);
    } catch (error) {
      throw explained(error, this.path);
    }
    if (createHash('sha256').update(data).digest('hex') !== this.#digests.get(name))
      throw damaged(this.path, `${name} is not what it was`);
    return data;
  }
}

/** A run file for as long as `use` takes. */
export async function withRunFile<T>(path: string, use: (file: RunFile) => Promise<T>): Promise<T> {
  const file = await RunFile.open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

const otherFile = 'Give a file that `swamp pack` or the window wrote; their names end with .swamp.';
const again = 'Nothing of it was taken in. Copy the file again, or pack it anew where it comes from.';

function damaged(path: string, what: string): DataError {
  return new DataError(`${path} is damaged: ${what}`, again);
}

async function openFile(path: string): Promise<FileHandle> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new ConfigError(found ? `${path} is not a file` : `there is no file ${path}`, otherFile);
  try {
    return await open(path);
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

async function listEntries(path: string): Promise<Map<string, ZipEntry>> {
  const listed = await listZip(path);
  const entries = new Map(listed.map((entry) => [entry.name, entry]));
  if (entries.size !== listed.length) throw damaged(path, 'it names an entry twice');
  return entries;
}

async function readManifest(
  file: FileHandle,
  path: string,
  listed: ReadonlyMap<string, ZipEntry>,
): Promise<RunFileManifest> {
  const entry = listed.get(MANIFEST_ENTRY);
  if (!entry || entry.bytes > LARGEST_DOCUMENT) throw foreign(path);
  const document = parseJson(await readMember(file, path, entry), path);
  const head = RunFileHead.safeParse(document);
  if (!head.success) throw foreign(path);
  const { version, app } = head.data;
  if (version > RUN_FILE_VERSION)
    throw new DataError(
      `${path} was written by a newer version of this program (Swamp Studio ${app}, form ${version}; this one knows ${RUN_FILE_VERSION})`,
      'Update Swamp Studio. Nothing of it was taken in.',
    );
  const manifest = RunFileManifest.safeParse(document);
  if (!manifest.success) throw damaged(path, `its list cannot be read: ${firstIssue(manifest.error)}`);
  return manifest.data;
}

function foreign(path: string): DataError {
  return new DataError(`${path} is a zip archive, but no run file`, otherFile);
}

/**
 * Everything that the list names is there with its size and nothing else, and the sizes can be true: entries do not
 * overlap, and those that are copied as they are were not packed smaller than they are.
 */
function requireListed(
  path: string,
  { entries, experiments }: RunFileManifest,
  listed: ReadonlyMap<string, ZipEntry>,
  fileBytes: number,
): void {
  const packed = [...listed.values()].reduce((sum, { compressedBytes }) => sum + compressedBytes, 0);
  if (packed > fileBytes) throw damaged(path, 'its entries overlap');
  if (entries.length !== listed.size - 1 || new Set(entries.map(({ name }) => name)).size !== entries.length)
    throw damaged(path, 'its list names other entries than are in it');
  for (const { name, bytes, sha256 } of entries) {
    const entry = listed.get(name);
    if (!entry) throw damaged(path, `${name} is missing`);
    if (entry.bytes !== bytes)
      throw damaged(path, `${name} has ${entry.bytes} bytes, its list says ${bytes}`);
    const object = OBJECT_ENTRY.exec(name)?.[1];
    if (object === undefined) continue;
    if (object !== sha256) throw damaged(path, `${name} is not what its list says`);
    if (entry.compressedBytes !== bytes || entry.method !== 'stored')
      throw damaged(path, `${name} is packed`);
  }
  if (new Set(experiments.map(({ id }) => id)).size !== experiments.length)
    throw damaged(path, 'its list names an experiment twice');
  for (const { id } of experiments)
    for (const name of [documentEntry(id), seriesEntry(id)])
      if (!listed.has(name)) throw damaged(path, `${name} is missing`);
}

/** @throws DataError where this version does not know what is asked for. */
function settingsOf(
  path: string,
  { id, config, resolved }: RunFileExperiment,
): Pick<PackedExperiment, 'config' | 'resolution'> {
  const [asked, chosen] = [ExperimentConfig.safeParse(config), StoredResolution.safeParse(resolved)];
  if (asked.success && chosen.success) return { config: asked.data, resolution: chosen.data };
  const error = asked.error ?? chosen.error;
  throw new DataError(
    `the settings of ${id} in ${path} cannot be read: ${error ? firstIssue(error) : ''}`,
    'It was made by another version of this program: use that one, or update.',
  );
}

/** What a document says of its experiment goes together, and its jobs are what their keys say. */
function checkExperiment(
  path: string,
  id: ExperimentId,
  { id: own, name, runs, jobs }: RunFileExperiment,
  seriesBytes: number,
): void {
  const fault = (what: string): DataError => damaged(path, `${id}: ${what}`);
  if (own !== id || !own.startsWith(`${name}-`)) throw fault('it has another name than the list says');
  const known = new Set<string>();
  let values = 0;
  for (const { key, spec, inputs, state, result } of jobs) {
    if (inputs.some(({ job }) => !known.has(job))) throw fault(`a job comes before its inputs`);
    const parsed = JobSpec.safeParse(spec);
    if (!parsed.success || jobKey(parsed.data, inputs) !== key || known.has(key))
      throw fault(`job ${key.slice(0, 12)} is not what its key says`);
    if ((state === 'done') !== (result !== null)) throw fault(`job ${key.slice(0, 12)} has no result`);
    known.add(key);
    values += (result?.series ?? []).reduce((sum, series) => sum + series.values, 0);
  }
  if (values * Float64Array.BYTES_PER_ELEMENT !== seriesBytes) throw fault('its series have another length');
  if (new Set(runs.map(({ slug, seed }) => `${slug}/${seed}`)).size !== runs.length)
    throw fault('it has a run twice');
  if (runs.some(({ links }) => links.some(({ job }) => job >= jobs.length)))
    throw fault('a run has a job that is not there');
}

function parseJson(data: Buffer, path: string): unknown {
  try {
    return JSON.parse(data.toString('utf8')) as unknown;
  } catch {
    throw damaged(path, 'a document in it is no JSON');
  }
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.map(String).join('.')}: ${issue.message}` : '';
}

/** What reads archives knows nothing of run files. */
function explained(error: unknown, path: string): unknown {
  if (error instanceof SwampError) return error;
  if (!(error instanceof ZipError)) return fileError(error, path, 'read');
  if (error.member !== undefined) return damaged(path, `${error.member} ${error.problem}`);
  return new DataError(`${path} is no run file, or damaged: ${error.problem}`, `${otherFile} ${again}`);
}
