import { resolve } from 'node:path';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import {
  cacheFolder,
  ensurePackable,
  installEngine,
  leastPiece,
  listEngines,
  packEngine,
  type BuildVariant,
  type ProvisionProgress,
} from '../engine/provision/index.ts';
import { bytes, columns } from '../report/format.ts';
import { provisionProgress } from '../report/progress.ts';
import { packable } from './engine-work.ts';
import type { Output } from './output.ts';
import { interruptible, type CommonOptions } from './session.ts';

export interface PackOptions extends CommonOptions {
  readonly out: string;
  readonly piece: string;
  readonly variant?: string;
}

/** `swamp engine pack` */
export async function pack(options: PackOptions, output: Output): Promise<ExitCode> {
  const piece = readSize(options.piece);
  const out = resolve(options.out);
  const chosen = readVariant(options.variant);
  return await showing(async (report, signal) => {
    const variant = await packable(chosen, signal);
    const source = await ensurePackable(variant, report, signal);
    const index = await packEngine(source, { out, piece, report, signal });
    const { tensorflow, pieces, unpackedBytes, glibc, sha256 } = index;
    const facts = { variant, tensorflow, platform: index.platform, arch: index.arch, glibc };
    output.result(
      { ...facts, folder: out, pieces: pieces.length, bytes: index.bytes, unpackedBytes, sha256 },
      () =>
        [
          `TensorFlow ${tensorflow} (${variant}) for ${index.platform} ${index.arch}${glibc === null ? '' : `, glibc ${glibc} or newer`}`,
          `${pieces.length} piece${pieces.length === 1 ? '' : 's'}, ${bytes(index.bytes)}, in ${out}; unpacked ${bytes(unpackedBytes)}`,
          'On the other machine: swamp engine install DIR, with this folder copied there.',
        ].join('\n'),
    );
    return ExitCode.ok;
  });
}

/** `swamp engine install DIR` */
export async function installPack(folder: string, output: Output): Promise<ExitCode> {
  return await showing(async (report, signal) => {
    const { build, already } = await installEngine(resolve(folder), report, signal);
    output.result({ engine: build, already, cache: cacheFolder() }, () =>
      already
        ? `TensorFlow ${build.tensorflow} (${build.variant}) is in ${cacheFolder()} already; nothing was to be done.`
        : `TensorFlow ${build.tensorflow} (${build.variant}) is ready in ${cacheFolder()}.`,
    );
    return ExitCode.ok;
  });
}

/** `swamp engine list` */
export async function listCache(output: Output): Promise<ExitCode> {
  const engines = await listEngines();
  const total = engines.reduce((sum, each) => sum + each.bytes, 0);
  output.result({ cache: cacheFolder(), engines, bytes: total }, () => {
    if (engines.length === 0) return `There is no engine in ${cacheFolder()}.`;
    const rows = engines.map(({ name, bytes: size, title, fault, inUse }) => [
      name,
      title,
      bytes(size),
      fault === '' ? (inUse ? 'in use' : 'not used now') : `damaged: ${fault}`,
    ]);
    return [
      ...columns(rows, ['left', 'left', 'right', 'left']),
      `${bytes(total)} in ${cacheFolder()}; a folder that is not used can be deleted.`,
    ].join('\n');
  });
  return ExitCode.ok;
}

/** Shows how far it is while `use` runs; Ctrl-C ends it. */
async function showing(
  use: (report: (step: ProvisionProgress) => void, signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  return await interruptible(async (signal) => {
    const progress = provisionProgress({ stream: process.stderr });
    try {
      return await use((step) => progress.update(step), signal);
    } finally {
      progress.close();
    }
  });
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };

/** `60M` as bytes, 1 M being 1,000,000. @throws ConfigError */
function readSize(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMG]?)B?$/i.exec(text) ?? [];
  const size = amount === undefined ? NaN : Math.floor(Number(amount) * (units[unit.toUpperCase()] ?? NaN));
  if (Number.isSafeInteger(size) && size >= leastPiece) return size;
  throw new ConfigError(
    `--piece ${text}: a piece has at least ${leastPiece} bytes`,
    'Give a size such as 60M or 2G (M: a million bytes).',
  );
}

/** @throws ConfigError */
function readVariant(text: string | undefined): BuildVariant | 'auto' {
  if (text === undefined) return 'auto';
  if (text === 'cpu' || text === 'cuda') return text;
  throw new ConfigError(`--variant ${text}: there is no such engine`, 'Give cpu or cuda.');
}
