import { computed, inject, provide, useId, type ComputedRef, type InjectionKey } from 'vue';

/** What a control needs to know of the field that it stands in. */
export interface FieldContext {
  readonly id: string;
  readonly describedBy: ComputedRef<string | undefined>;
  readonly invalid: ComputedRef<boolean>;
}

const key: InjectionKey<FieldContext> = Symbol('field');

/** For AppField: its parts' ids, and what its control is told. */
export function provideField(about: () => { hint: boolean; problem: boolean }): {
  readonly id: string;
  readonly hintId: string;
  readonly problemId: string;
  readonly context: FieldContext;
} {
  const id = useId();
  const [hintId, problemId] = [`${id}-hint`, `${id}-problem`];
  const describedBy = computed(() => {
    const { hint, problem } = about();
    return [problem ? problemId : '', hint ? hintId : ''].filter(Boolean).join(' ') || undefined;
  });
  const context = { id, describedBy, invalid: computed(() => about().problem) };
  provide(key, context);
  return { id, hintId, problemId, context };
}

/** For controls: attributes that tie them to their field, where there is one. */
export function useField(): ComputedRef<Record<string, unknown>> {
  const field = inject(key, null);
  return computed(() =>
    field
      ? {
          id: field.id,
          'aria-describedby': field.describedBy.value,
          'aria-invalid': field.invalid.value || undefined,
        }
      : {},
  );
}
