import { shallowRef } from 'vue';
import type { ExperimentId } from '../../src-main/contract/ids.ts';

/** Experiments that are to be packed; `null`: the dialog is closed. */
export const packAsked = shallowRef<readonly ExperimentId[] | null>(null);

/** A run file that is to be looked into: by its path on the host's machine, or as a browser gives it. */
export const openAsked = shallowRef<string | File | null>(null);

/** Opens the dialog that writes experiments into a run file. */
export function openPack(experiments: readonly ExperimentId[]): void {
  if (experiments.length > 0) packAsked.value = experiments;
}

/** Shows what is in a run file, and offers to take it in. */
export function openRunFile(file: string | File): void {
  openAsked.value = file;
}
