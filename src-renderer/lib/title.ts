import { onScopeDispose, ref, watchEffect } from 'vue';

/** The page's own part of the window's title. */
const pageTitle = ref('');

/** Names the page in the window's title for as long as it is shown. @param name for example the experiment's */
export function usePageTitle(name: () => string): void {
  const stop = watchEffect(() => {
    pageTitle.value = name();
  });
  onScopeDispose(stop);
}

/** For the frame: keeps the window's title. */
export function keepTitle(): void {
  watchEffect(() => {
    document.title = pageTitle.value ? `${pageTitle.value} – Swamp Studio` : 'Swamp Studio';
  });
}
