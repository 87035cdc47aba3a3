import { useDebounceFn } from '@vueuse/core';
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue';
import type { AnalysisEntry } from '../../src-main/contract/api/analyses.ts';
import type { Input, Output } from '../../src-main/contract/api/index.ts';
import type { ExperimentId, RunId } from '../../src-main/contract/ids.ts';
import { ConnectionLost } from '../client.ts';
import { host } from '../host.ts';
import { isAbort } from '../lib/errors.ts';
import { isSame, isWithin, withValue, type Path } from '../pages/new-experiment/form/paths.ts';
import { fieldsOf } from '../pages/new-experiment/form/schema.ts';
import type { FormModel } from '../pages/new-experiment/form/model.ts';
import type { AnalysisAsked } from './asked.ts';
import { problemsOf } from './problems.ts';
import {
  beginning,
  candidatesOf,
  choiceOf,
  NOTHING,
  numberProblem,
  singleOf,
  subjectsOf,
  taken,
  type Candidate,
  type SubjectChoice,
} from './subjects.ts';

/** Milliseconds after the last change until it is planned. */
const PLAN_AFTER = 250;
/** Experiments that are read at once. */
const AT_ONCE = 4;

export type AnalysisPlan = Output<'analyses.plan'>;

/** A request as it is put together: its kind and options, what it looks at, and what it would take. */
export function useRequest(asked: AnalysisAsked) {
  const catalog = shallowRef<readonly AnalysisEntry[] | null>(null);
  const candidates = shallowRef<readonly Candidate[]>([]);
  /** Why what can be chosen could not be read. */
  const unread = shallowRef<unknown>(null);
  const reading = ref(true);
  const raw = shallowRef<Readonly<Record<string, unknown>>>({ analysis: { ...asked.like?.analysis } });
  const choice = shallowRef<SubjectChoice>(NOTHING);
  /** What was chosen by hand stays when another kind is. */
  let byHand = false;
  const plan = shallowRef<AnalysisPlan | null>(null);
  const refusal = shallowRef<unknown>(null);
  const stale = ref(true);
  const starting = ref(false);
  /** Whether solutions that were removed are trained again. */
  const again = ref(false);
  const looking = new AbortController();
  let asking = new AbortController();

  const kind = computed(() => {
    const own = (raw.value['analysis'] as Readonly<Record<string, unknown>>)['kind'];
    return typeof own === 'string' ? own : null;
  });
  const entry = computed(() => catalog.value?.find((each) => each.kind === kind.value) ?? null);
  const subjects = computed(() => subjectsOf(choice.value));
  const tooFew = computed(() =>
    entry.value ? numberProblem(entry.value, subjects.value.length, choice.value.way) : '',
  );
  const request = computed(
    () => ({ analysis: raw.value['analysis'], subjects: subjects.value }) as Input<'analyses.plan'>,
  );
  const problems = computed(() =>
    problemsOf(refusal.value, entry.value ? fieldsOf(entry.value.schema).map(({ key }) => key) : []),
  );
  const ready = computed(
    () =>
      entry.value !== null &&
      tooFew.value === '' &&
      !stale.value &&
      plan.value !== null &&
      (plan.value.removed === null || again.value || plan.value.known !== null),
  );

  /** Fields of options write into this. */
  const form: FormModel = reactive({
    raw,
    single: true,
    problemsAt: (path: Path, exact = false) =>
      problems.value.fields.filter((each) => (exact ? isSame(each.path, path) : isWithin(each.path, path))),
    set: (path: Path, value: unknown) => {
      raw.value = withValue(raw.value, path, value) as Record<string, unknown>;
    },
  });

  /** What was set for a kind that was chosen before: there again when it is chosen again. */
  const before = new Map<string, unknown>();

  function chooseKind(next: string): void {
    if (next === kind.value) return;
    if (kind.value !== null) before.set(kind.value, raw.value['analysis']);
    raw.value = { analysis: before.get(next) ?? { kind: next } };
    if (!byHand) begin();
    else if (entry.value) choice.value = taken(choice.value, entry.value, candidates.value);
  }

  function choose(next: Partial<SubjectChoice>): void {
    byHand = true;
    choice.value = { ...choice.value, ...next };
  }

  function begin(): void {
    if (entry.value) choice.value = beginning(candidates.value, entry.value, asked.runs);
  }

  async function read(): Promise<void> {
    reading.value = true;
    unread.value = null;
    try {
      const [{ analyses }] = await Promise.all([
        host.call('analyses.catalog', {}, looking.signal),
        addExperiments(asked.experiments),
      ]);
      catalog.value = analyses;
      if (asked.like) {
        byHand = true;
        choice.value = choiceOf(asked.like.subjects);
      } else {
        const [first] = analyses;
        if (first && kind.value === null) raw.value = { analysis: { kind: first.kind } };
        begin();
      }
    } catch (failure) {
      if (!isAbort(failure)) unread.value = failure;
    } finally {
      reading.value = false;
    }
  }

  /** Experiments whose runs can be chosen too. */
  async function addExperiments(experiments: readonly ExperimentId[]): Promise<void> {
    const fresh = experiments.filter((id) => !candidates.value.some(({ experiment }) => experiment === id));
    for (let at = 0; at < fresh.length; at += AT_ONCE) {
      const shown = await Promise.all(
        fresh
          .slice(at, at + AT_ONCE)
          .map((experiment) => host.call('experiments.show', { experiment }, looking.signal)),
      );
      candidates.value = [...candidates.value, ...shown.flatMap(candidatesOf)];
    }
  }

  /** Runs of other experiments, chosen at once. */
  async function addRuns(experiments: readonly ExperimentId[], runs: readonly RunId[]): Promise<void> {
    try {
      await addExperiments(experiments);
    } catch (failure) {
      if (!isAbort(failure)) unread.value = failure;
      return;
    }
    const wanted = new Set([...choice.value.runs, ...runs]);
    choose({ way: 'runs', runs: candidates.value.map(({ run }) => run).filter((run) => wanted.has(run)) });
  }

  /** Some kinds refuse what stands for several networks: where nobody chose it, it is left out. @returns whether there was any */
  function withoutEnsembles(): boolean {
    const single = singleOf(choice.value.runs, candidates.value);
    if (single.length === choice.value.runs.length || single.length < (entry.value?.least ?? 1)) return false;
    choice.value = { ...choice.value, runs: single };
    return true;
  }

  async function makePlan(): Promise<void> {
    if (!entry.value || tooFew.value !== '') return;
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      plan.value = await host.call('analyses.plan', request.value, signal);
      refusal.value = null;
      stale.value = false;
    } catch (failure) {
      if (isAbort(failure) || (!byHand && withoutEnsembles())) return;
      plan.value = null;
      stale.value = false;
      refusal.value = failure;
    }
  }
  const planSoon = useDebounceFn(makePlan, PLAN_AFTER);
  watch(request, () => {
    stale.value = true;
    again.value = false;
    void planSoon();
  });

  /** @returns the analysis that was begun or was there; `null` where it was refused, which is shown. */
  async function start(): Promise<ExperimentId | null> {
    if (!ready.value) return null;
    starting.value = true;
    try {
      const { analysis } = await host.call('analyses.start', { ...request.value, again: again.value });
      return analysis;
    } catch (failure) {
      refusal.value = failure;
      return null;
    } finally {
      starting.value = false;
    }
  }

  const unwatch = host.watch((connection) => {
    if (connection !== 'connected') return;
    if (catalog.value === null) void read();
    else if (refusal.value instanceof ConnectionLost) void makePlan();
  });
  onScopeDispose(() => {
    unwatch();
    looking.abort();
    asking.abort();
  });
  void read();

  return {
    catalog,
    candidates,
    unread,
    reading,
    form,
    kind,
    entry,
    choice,
    subjects,
    tooFew,
    plan,
    problems,
    stale,
    starting,
    again,
    ready,
    chooseKind,
    choose,
    addRuns,
    read,
    start,
  };
}
