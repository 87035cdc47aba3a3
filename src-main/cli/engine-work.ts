import type { EnginePack } from '../contract/api/host.ts';
import {
  ensurePackable,
  installEngine,
  packEngine,
  variantHere,
  type BuildVariant,
  type ProvisionProgress,
} from '../engine/provision/index.ts';
import { ConfigError } from '../contract/errors.ts';
import type { Watch } from '../experiment/run-file/pack.ts';
import type { PackOrder } from '../service/engines.ts';
import { shareOf } from './share.ts';

export type EngineWork =
  ({ readonly kind: 'pack' } & PackOrder) | { readonly kind: 'install'; readonly folder: string };

export interface Installed {
  /** For people. */
  readonly engine: string;
  /** Nothing was to be done. */
  readonly already: boolean;
}

/** Packs an engine or installs a packed one. @throws EngineError, ConfigError; the signal's reason. */
export async function workOnEngine(
  work: EngineWork,
  { report, signal }: Watch,
): Promise<EnginePack | Installed> {
  const tell = ({ message, doneBytes, totalBytes }: ProvisionProgress): void =>
    report({ step: message, done: shareOf(doneBytes, totalBytes) });
  if (work.kind === 'pack') return await packFor(work, tell, signal);
  const { build, already } = await installEngine(work.folder, tell, signal);
  return { engine: `TensorFlow ${build.tensorflow} (${build.variant})`, already };
}

/** What to pack where it is left to be chosen. @throws ConfigError where WebAssembly computes. */
export async function packable(variant: PackOrder['variant'], signal: AbortSignal): Promise<BuildVariant> {
  const found = await variantHere(variant, signal);
  if (found !== 'wasm') return found;
  throw new ConfigError(
    'SWAMP_ENGINE_VARIANT is wasm, and WebAssembly needs no pack: it comes with npm ci',
    'Choose cpu or cuda (--variant).',
  );
}

async function packFor(
  { variant: asked, folder, piece }: PackOrder,
  report: (step: ProvisionProgress) => void,
  signal: AbortSignal,
): Promise<EnginePack> {
  const variant = await packable(asked, signal);
  const source = await ensurePackable(variant, report, signal);
  const index = await packEngine(source, { out: folder, piece, report, signal });
  const { tensorflow, platform, arch, glibc, bytes, unpackedBytes } = index;
  return {
    folder,
    variant,
    tensorflow,
    runsOn: `${platform} ${arch}${glibc === null ? '' : `, glibc ${glibc} or newer`}`,
    pieces: index.pieces.length,
    bytes,
    unpackedBytes,
  };
}
