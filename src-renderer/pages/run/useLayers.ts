import { shallowRef, watch, type ShallowRef } from 'vue';
import type { Output } from '../../../src-main/contract/api/index.ts';
import type { RunId } from '../../../src-main/contract/ids.ts';
import { host } from '../../host.ts';
import { isAbort } from '../../lib/errors.ts';

export type Layers = Output<'experiments.layers'>;

/** What is left of each layer of a run, asked for again whenever something came of it; `null` until it is known. */
export function useLayers(
  run: () => RunId,
  version: () => number,
): { layers: ShallowRef<Layers | null>; error: ShallowRef<unknown> } {
  const layers = shallowRef<Layers | null>(null);
  const error = shallowRef<unknown>(null);
  let asking = new AbortController();
  let of = '';
  watch(
    [run, version],
    async ([id]) => {
      asking.abort();
      asking = new AbortController();
      if (id !== of) layers.value = null;
      of = id;
      const { signal } = asking;
      try {
        layers.value = await host.call('experiments.layers', { run: id }, signal);
        error.value = null;
      } catch (failure) {
        if (!isAbort(failure)) error.value = failure;
      }
    },
    { immediate: true },
  );
  return { layers, error };
}
