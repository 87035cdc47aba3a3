import { ref, shallowRef } from 'vue';
import type { ExperimentId } from '../../src-main/contract/ids.ts';

/** Experiments that are to be packed; `null`: the dialog is closed. */
export const packAsked = shallowRef<readonly ExperimentId[] | null>(null);

/** A run file that is to be looked into: by its path on the host's machine, or as a browser gives it. */
export const openAsked = shallowRef<string | File | null>(null);
/** Those that are looked into when the dialog is closed: several were dropped at once, or one while another came in. */
export const openNext = shallowRef<readonly (string | File)[]>([]);
/** Whether the one that is asked for cannot be opened: another takes its place. */
export const openRefused = ref(false);

/** Opens the dialog that writes experiments into a run file. */
export function openPack(experiments: readonly ExperimentId[]): void {
  if (experiments.length > 0) packAsked.value = experiments;
}

/** Shows what is in a run file, and offers to take it in. */
export function openRunFile(file: string | File): void {
  if (openAsked.value !== null && !openRefused.value) {
    openNext.value = [...openNext.value, file];
    return;
  }
  openRefused.value = false;
  openAsked.value = file;
}

/** Ends with the one that is shown; the next is looked into. */
export function closeRunFile(): void {
  const [next = null, ...rest] = openNext.value;
  openNext.value = rest;
  openAsked.value = next;
}
