import { computed, type ComputedRef } from 'vue';
import { surfaceOf, type Palette } from '../../src-main/report/palette.ts';
import { useTheme } from '../stores/theme.ts';

/** Colours of text, lines and background for charts that know no arms. */
export function useSurface(): ComputedRef<Palette> {
  const theme = useTheme();
  return computed(() => surfaceOf(theme.current));
}
