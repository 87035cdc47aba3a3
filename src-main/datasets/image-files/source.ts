import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { listZip, readMember, ZipError } from '../../archive/zip.ts';
import { DataError } from '../../contract/errors.ts';

/** A file below the folder, or in the archive. */
export interface SourceFile {
  /** Path inside, with `/`. */
  readonly name: string;
  readonly bytes: number;
  /** Another one where the content is another: times of the last change, or the archive's checksum. */
  readonly stamp: string;
}

/** A folder or a zip archive of files, hidden ones left out. */
export interface Source {
  /** Its own name, without the folders it lies in. */
  readonly name: string;
  /** By name. */
  readonly files: readonly SourceFile[];
  /** Paths of folders that hold nothing, with `/`. */
  readonly emptyFolders: readonly string[];
  /** The whole content. @throws Error saying why not */
  read(file: SourceFile): Promise<Buffer>;
  close(): Promise<void>;
}

/** What lies deeper is taken for a link in a circle. */
const DEEPEST = 16;
/** Files asked for their size at a time. */
const AT_ONCE = 64;
/** No image is larger; what is, is not read into memory. */
const LARGEST = 1 << 28;

/** @throws DataError with `hint` where there is nothing to read */
export async function openSource(location: string, hint: string): Promise<Source> {
  try {
    return (await stat(location)).isDirectory() ? await openFolder(location) : await openArchive(location);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such folder or file'
        : cause instanceof ZipError
          ? [...(cause.member === undefined ? [] : [cause.member]), cause.problem].join(' ')
          : `it cannot be read (${code ?? String(cause)})`;
    throw new DataError(`dataset.path ${location}: ${why}`, hint, undefined, { cause });
  }
}

async function openFolder(folder: string): Promise<Source> {
  const files: SourceFile[] = [];
  const emptyFolders: string[] = [];
  await walk(folder, '', { files, emptyFolders }, 0);
  return {
    name: path.basename(path.resolve(folder)),
    files: files.sort(byName),
    emptyFolders,
    read: (file) => readFile(path.join(folder, checked(file).name)),
    close: () => Promise.resolve(),
  };
}

async function walk(
  root: string,
  inside: string,
  into: { readonly files: SourceFile[]; readonly emptyFolders: string[] },
  depth: number,
): Promise<void> {
  if (depth > DEEPEST)
    throw new DataError(
      `${path.join(root, inside)} lies more than ${DEEPEST} folders deep`,
      'A link may lead in a circle: remove it, or point dataset.path at the folder that holds the classes.',
    );
  const entries = (await readdir(path.join(root, inside), { withFileTypes: true })).filter(
    ({ name }) => !isHidden(name),
  );
  if (entries.length === 0 && inside !== '') into.emptyFolders.push(inside);
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const found = await Promise.all(
      entries.slice(at, at + AT_ONCE).map(async (entry) => {
        const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
        if (entry.isDirectory()) return { name, about: null };
        // Follows links; one that leads nowhere is a file that cannot be read.
        const about = await stat(path.join(root, name)).catch(() => undefined);
        return { name, about: about?.isDirectory() ? null : about };
      }),
    );
    for (const { name, about } of found) {
      if (about === null) await walk(root, name, into, depth + 1);
      else into.files.push({ name, bytes: about?.size ?? 0, stamp: stampOf(about) });
    }
  }
}

/** Content can be changed and the time of that set back (`touch`, `cp -p`), but not the time of the change of state. */
function stampOf(about: { readonly mtimeMs: number; readonly ctimeMs: number } | undefined): string {
  return about === undefined ? '' : `${about.mtimeMs} ${about.ctimeMs}`;
}

async function openArchive(location: string): Promise<Source> {
  const entries = (await listZip(location)).filter(({ name }) => !name.split('/').some(isHidden));
  const byPath = new Map(entries.map((entry) => [entry.name, entry]));
  const handle = await open(location);
  return {
    name: path.basename(location),
    files: entries.map(({ name, bytes, crc }) => ({ name, bytes, stamp: String(crc) })).sort(byName),
    emptyFolders: [],
    async read(file) {
      const entry = byPath.get(checked(file).name);
      if (entry === undefined) throw new Error('it is not in the archive');
      return await readMember(handle, location, entry);
    },
    close: () => handle.close(),
  };
}

/** What systems leave in folders beside the user's files. */
function isHidden(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || name === 'Thumbs.db' || name === 'desktop.ini';
}

function checked(file: SourceFile): SourceFile {
  if (file.bytes > LARGEST) throw new Error('it is larger than 256 MiB');
  return file;
}

/** By code units: the same order wherever the files lie. */
function byName(a: SourceFile, b: SourceFile): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
