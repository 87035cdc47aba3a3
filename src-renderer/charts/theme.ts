import { computed, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue';
import { surfaceOf, type Palette, type Theme } from '../../src-main/report/palette.ts';

/** What the root element says: charts are drawn on a canvas, where style sheets do not reach. */
function shownTheme(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light';
}

/** The theme that is shown, as it changes. */
export function useTheme(): Ref<Theme> {
  const theme = ref(shownTheme());
  const observer = new MutationObserver(() => (theme.value = shownTheme()));
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  onScopeDispose(() => observer.disconnect());
  return theme;
}

/** Colours of text, lines and background for charts that know no arms. */
export function useSurface(): ComputedRef<Palette> {
  const theme = useTheme();
  return computed(() => surfaceOf(theme.value));
}
