import { shallowRef } from 'vue';
import type { RunId } from '../../src-main/contract/ids.ts';

/** A network that is to be run on images: of a run, or in a file, which is chosen in the dialog. */
export type UseAsked =
  | {
      readonly run: RunId;
      /** Chosen beforehand; else the last. */
      readonly round?: number | undefined;
    }
  | { readonly file: string };

/** What the dialog shows; `null`: it is closed. */
export const useAsked = shallowRef<UseAsked | null>(null);

/** Opens the dialog that evaluates a network and predicts with it. */
export function openUse(asked: UseAsked): void {
  useAsked.value = asked;
}
