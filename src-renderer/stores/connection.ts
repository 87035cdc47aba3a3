import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import type { LinkState } from '../../src-main/contract/shell.ts';
import type { Connection, HostError } from '../client.ts';
import { host, shell } from '../host.ts';

/** How often a lost server is asked whether it still knows this browser, in milliseconds. */
const KNOCK_MS = 2000;
/** What it answers where it does not. */
const UNKNOWN = 401;

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

  /** The server that sent this page is there, and does not know this browser: it was started anew. */
  const shutOut = ref(false);
  let asking = 0;
  async function knock(): Promise<void> {
    try {
      shutOut.value = (await fetch('/', { method: 'HEAD', cache: 'no-store' })).status === UNKNOWN;
    } catch {
      // It is away altogether.
      shutOut.value = false;
    }
  }
  watch(state, (now) => {
    clearInterval(asking);
    shutOut.value = false;
    if (now === 'lost' && !shell) asking = window.setInterval(() => void knock(), KNOCK_MS);
  });

  return { state, why, link, shutOut, connected: computed(() => state.value === 'connected') };
});
