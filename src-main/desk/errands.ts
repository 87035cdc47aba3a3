import type { EngineBuild } from '../contract/job.ts';
import type { NetworkUse, WrittenPredictions } from '../contract/use.ts';
import type { Exported, ExportRequest } from '../experiment/export.ts';
import type { Packed, PackRequest, Watch } from '../experiment/run-file/pack.ts';
import type { FitRequest, UseOptions } from '../experiment/use-network.ts';
import type { PreparedUse } from '../experiment/use.ts';
import type { LibraryCheck } from '../store/check.ts';
import { runWork } from './work-thread.ts';

/** What takes long and only reads the library: a thread of its own for each, so that neither the host nor a desk waits. */
export interface Errands {
  check: { readonly input: null; readonly output: LibraryCheck };
  pack: { readonly input: PackRequest; readonly output: Packed };
  export: {
    readonly input: ExportRequest & { readonly engine: EngineBuild; readonly app: string };
    readonly output: Exported;
  };
  /** Looks at a network and images, before any engine is needed. */
  fit: { readonly input: FitRequest; readonly output: PreparedUse };
  /** Runs the network on the images. */
  use: {
    readonly input: UseOptions;
    readonly output: { readonly used: NetworkUse; readonly written: WrittenPredictions | null };
  };
}
export type Errand = keyof Errands;

export interface ErrandSettings {
  /** The library's folder. */
  readonly library: string;
  readonly errand: Errand;
  readonly input: unknown;
}

/**
 * Does an errand in a thread of its own.
 * @throws SwampError as the errand does; LibraryError where the thread died; the signal's reason.
 */
export async function runErrand<E extends Errand>(
  library: string,
  errand: E,
  input: Errands[E]['input'],
  watch: Watch,
): Promise<Errands[E]['output']> {
  const settings: ErrandSettings = { library, errand, input };
  return (await runWork(new URL('../errand.ts', import.meta.url), settings, watch)) as Errands[E]['output'];
}
