import { inject, provide, type InjectionKey } from 'vue';
import type { DraftProblem } from '../../../../src-main/contract/api/plans.ts';
import { useDraft } from '../../../stores/draft.ts';
import type { Path } from './paths.ts';

/** What the fields of a form write into. */
export interface FormModel {
  /** As somebody writes it; may be half-typed. */
  readonly raw: unknown;
  /** A field holds one value: several are no sweep. */
  readonly single?: boolean;
  /** What is wrong at a place or inside it. @param exact not inside it */
  problemsAt(path: Path, exact?: boolean): readonly DraftProblem[];
  /** `undefined` takes the setting out. */
  set(path: Path, value: unknown): void;
}

const key: InjectionKey<FormModel> = Symbol('form');

/** Fields below the component that calls this write into something else than the draft of a new experiment. */
export function provideForm(model: FormModel): void {
  provide(key, model);
}

/** For fields: what they write into. */
export function useForm(): FormModel {
  return inject(key, () => useDraft(), true);
}
