import { usePreferredDark } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { shell } from '../host.ts';
import { recall, remember } from '../lib/remembered.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

const choices: readonly string[] = ['system', 'light', 'dark'] satisfies ThemeChoice[];

/** Light or dark: as chosen, or as the system wishes. */
export const useTheme = defineStore('theme', () => {
  const choice = ref(
    recall('theme', 'system', (value): value is ThemeChoice => choices.includes(String(value))),
  );
  const dark = usePreferredDark();
  const current = computed<'light' | 'dark'>(() =>
    choice.value === 'system' ? (dark.value ? 'dark' : 'light') : choice.value,
  );

  watch(
    current,
    (theme) => {
      document.documentElement.dataset['theme'] = theme;
    },
    { immediate: true, flush: 'sync' },
  );
  watch(
    choice,
    (chosen) => {
      remember('theme', chosen);
      void shell?.call('shell.theme', chosen);
    },
    { immediate: true },
  );

  return { choice, current };
});
