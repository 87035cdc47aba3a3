import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { LinkState } from '../../src-main/contract/shell.ts';
import type { Connection, HostError } from '../client.ts';
import { host, shell } from '../host.ts';

/** How the connection to the host is. */
export const useConnection = defineStore('connection', () => {
  const state = ref<Connection>(host.connection);
  const why = ref<HostError | null>(null);
  /** Of Electron: whether the host starts at all. */
  const link = ref<LinkState | null>(null);

  host.watch((connection, error) => {
    state.value = connection;
    why.value = error;
  });
  shell?.onEvent((event) => {
    if (event.type === 'link') link.value = event.link;
  });

  return { state, why, link, connected: computed(() => state.value === 'connected') };
});
