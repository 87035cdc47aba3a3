import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { onTestFinished } from 'vitest';
import type { Along } from '../../contract/api/files.ts';
import type { ExperimentId } from '../../contract/ids.ts';
import { openLibrary, type Library } from '../../store/library.ts';
import { LogBook } from '../../store/logs.ts';
import { packExperiments, type Watch } from './pack.ts';

// The library that e2e/fixtures holds: two experiments on the digits, trained once and never changed. For tests.

export const small = 'small-f750' as ExperimentId;
export const half = 'half-d5cb' as ExperimentId;

/** Nobody looks. */
export const watch: Watch = { report: () => undefined, signal: new AbortController().signal };

export interface Given {
  /** A folder for all that a test makes. */
  readonly root: string;
  readonly origin: Library;
  /** `small` with each choice of checkpoints. */
  readonly files: Readonly<Record<Along, string>>;
  pack(library: Library, experiments: readonly ExperimentId[], along?: Along): Promise<string>;
  /** Closed when the test is over. */
  emptyLibrary(): Library;
  close(): void;
}

export async function unpackOrigin(): Promise<Given> {
  const root = mkdtempSync(join(tmpdir(), 'swamp-run-file-'));
  const zip = readFileSync(fileURLToPath(new URL('../../../e2e/fixtures/library-v1.zip', import.meta.url)));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(root, 'origin', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const origin = openLibrary(join(root, 'origin'));
  new LogBook(origin.dir).append(small, { level: 'info', what: 'asked', message: 'submitted' });
  let made = 0;
  const pack: Given['pack'] = async (library, experiments, along = 'networks') => {
    const out = join(root, `${(made += 1)}.swamp`);
    await packExperiments(library, { experiments, along, out, app: '1.0.0' }, watch);
    return out;
  };
  const [none, networks, all] = [
    await pack(origin, [small], 'none'),
    await pack(origin, [small], 'networks'),
    await pack(origin, [small], 'all'),
  ];
  return {
    ...{ root, origin, pack, files: { none, networks, all } },
    emptyLibrary() {
      const library = openLibrary(join(root, `library-${(made += 1)}`), { create: true });
      onTestFinished(() => library.close());
      return library;
    },
    close() {
      origin.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Everything that is stored, in rows and files. */
export function contents({ store, dir }: Library): unknown {
  const rows = store.experiments({ trash: 'with' }).map(({ id }) => store.history(id));
  const list = (folder: string): string[] =>
    readdirSync(join(dir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
  return { rows, files: [...list('objects'), ...list('partial')] };
}
