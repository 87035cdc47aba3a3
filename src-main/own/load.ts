import { createRequire, registerHooks, type LoadHookContext, type ResolveHookContext } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../contract/errors.ts';
import type { OwnThing } from '../contract/own.ts';
import { faultOf, filesRun } from './fault.ts';
import { codeDigest, importName, readCode } from './source.ts';

/** A file of the user's own after it ran. */
export interface LoadedCode {
  readonly file: string;
  readonly text: string;
  /** Its default export; `undefined` where it has none. */
  readonly exported: unknown;
  readonly imports: readonly string[];
  readonly digest: string;
}

/** One loading of a file: what it reads is written down, and read anew even if an earlier loading read it. */
interface Session {
  readonly thing: OwnThing;
  /** Module made up to import the file: `require` itself would give a file it has seen before unread. */
  readonly entry: string;
  /** The file's, with the mark. */
  readonly url: string;
  readonly mark: string;
  readonly files: Map<string, Uint8Array>;
}

/** Packages that users' files get from the program, wherever they lie. */
const ZOD = /^zod(\/|$)/;
const API = new URL('./api.ts', import.meta.url).href;

const require = createRequire(import.meta.url);
let session: Session | null = null;
let loadings = 0;
let hooked = false;

const parentPath = ({ parentURL }: ResolveHookContext): string =>
  parentURL?.startsWith('file:') ? fileURLToPath(parentURL.replace(/\?.*$/, '')) : '';

function resolveOwn(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context?: Partial<ResolveHookContext>) => { url: string },
): { url: string; shortCircuit?: boolean } {
  if (session !== null && (specifier === session.entry || specifier === session.url)) {
    return { url: specifier, shortCircuit: true };
  }
  const parent = parentPath(context);
  if (!filesRun.has(parent)) return next(specifier, context);
  if (specifier === 'swamp-studio') return { url: API, shortCircuit: true };
  if (ZOD.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
  const found = next(specifier, context);
  // Packages are taken as they are; what is named by path is the user's own.
  if (!/^(\.|\/|file:)/.test(specifier)) return found;
  if (session === null) {
    throw new ConfigError(
      `${parent} imports ${specifier} while it runs`,
      'Import it at the top of the file: its contents are part of what tells results apart.',
    );
  }
  return { ...found, url: `${found.url}?${session.mark}` };
}

const FORMATS: Readonly<Record<string, string>> = {
  '.ts': 'module-typescript',
  '.mts': 'module-typescript',
  '.js': 'module',
  '.mjs': 'module',
};

function loadOwn<Loaded>(
  url: string,
  context: LoadHookContext,
  next: (url: string, context?: Partial<LoadHookContext>) => Loaded,
): Loaded | { format: string; source: Uint8Array | string; shortCircuit: true } {
  if (session !== null && url === session.entry) {
    const source = `export * as own from ${JSON.stringify(session.url)};`;
    return { format: 'module', source, shortCircuit: true };
  }
  if (session === null || !url.endsWith(`?${session.mark}`)) return next(url, context);
  const path = fileURLToPath(url.replace(/\?.*$/, ''));
  const source = readCode(session.thing, path);
  session.files.set(path, source);
  filesRun.add(path);
  const format = FORMATS[extname(path)];
  return format === undefined ? next(url, context) : { format, source, shortCircuit: true };
}

/**
 * Runs a file of the user's own, as an ES module wherever it lies, and what it imports by relative path. `zod` and
 * `swamp-studio` are the program's. Synchronous, so that registries can be; a file that awaits at its top is refused.
 * @throws ConfigError saying in which line of which file something is wrong.
 */
export function loadCode(thing: OwnThing, file: string): LoadedCode {
  if (!hooked) registerHooks({ resolve: resolveOwn, load: loadOwn });
  hooked = true;
  const bytes = readCode(thing, file);
  const mark = `own=${++loadings}`;
  const opened: Session = {
    thing,
    entry: new URL(`./entry-${loadings}.mjs`, import.meta.url).href,
    url: `${pathToFileURL(file).href}?${mark}`,
    mark,
    files: new Map(),
  };
  session = opened;
  let exported: unknown;
  try {
    exported = (require(opened.entry) as { own: { default?: unknown } }).own.default;
  } catch (error) {
    throw faultOf(thing, file, error);
  } finally {
    session = null;
  }
  const root = opened.files.get(file) ?? bytes;
  opened.files.delete(file);
  const imports = new Map([...opened.files].map(([path, source]) => [importName(file, path), source]));
  return {
    file,
    text: new TextDecoder().decode(root),
    exported,
    imports: [...imports.keys()].sort(),
    digest: codeDigest(root, imports),
  };
}
