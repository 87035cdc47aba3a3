import { computed, type ComputedRef } from 'vue';
import { armColours, type ArmLook } from '../../../components/arms.ts';
import { useDraft } from '../../../stores/draft.ts';
import { useTheme } from '../../../stores/theme.ts';

/** How the draft's arms look, by label: as they will everywhere once it runs. */
export function useArmLooks(): ComputedRef<ReadonlyMap<string, ArmLook>> {
  const draft = useDraft();
  const theme = useTheme();
  return computed(() =>
    armColours(
      (draft.reading?.arms ?? []).map(({ label, kind }) => ({ arm: label, kind })),
      theme.current,
    ),
  );
}
