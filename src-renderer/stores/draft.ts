import { useDebounceFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type {
  Catalog,
  DraftProblem,
  DraftReading,
  PlanCost,
  PlanMode,
} from '../../src-main/contract/api/plans.ts';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import { ConnectionLost, HostError } from '../client.ts';
import { host } from '../host.ts';
import { isAbort } from '../lib/errors.ts';
import { inWindow } from '../lib/words.ts';
import { kindOf, merged } from '../pages/new-experiment/form/effective.ts';
import { isSame, isWithin, withValue, type Path } from '../pages/new-experiment/form/paths.ts';

export type Raw = Record<string, unknown>;

/** Milliseconds after the last key stroke: until a draft is read, planned, and a step of it is timed. */
const READ_AFTER = 120;
const COST_AFTER = 450;
const TIME_AFTER = 2500;

/** States of a draft that can be gone back to. */
const MOST_UNDO = 100;
/** Changes of one setting that follow so closely are one. */
const ONE_CHANGE_MS = 1200;

const SHELF = 'swamp.draft';
const shelfOf = (mode: PlanMode): string =>
  mode.kind === 'new' ? SHELF : `${SHELF}.${mode.kind}.${mode.kind === 'fork' ? mode.from : mode.experiment}`;

/** Where a new experiment begins; everything else has a default. */
export const EMPTY: Raw = {
  name: 'my-experiment',
  dataset: { kind: 'digits' },
  model: { kind: 'lenet' },
  sparsity: { kind: 'geometric', fraction: 0.2, rounds: 18 },
  arms: [{ kind: 'imp' }, { kind: 'swamp', particles: 4 }],
};

/** What is being put together on the page of a new experiment: kept until it is started, also over restarts. */
export const useDraft = defineStore('draft', () => {
  const catalog = shallowRef<Catalog | null>(null);
  const mode = shallowRef<PlanMode>({ kind: 'new' });
  const raw = shallowRef<Raw>(EMPTY);
  /** What resetting goes back to. */
  const origin = shallowRef<Raw>(EMPTY);
  const reading = shallowRef<DraftReading | null>(null);
  const cost = shallowRef<PlanCost | null>(null);
  /** Whether what is shown is of an older draft. */
  const readingStale = ref(true);
  const costStale = ref(true);
  const working = ref<'reading' | 'planning' | 'timing' | 'starting' | null>(null);
  const failure = shallowRef<HostError | null>(null);
  /** Why the JSON beside the form cannot be read; empty: it can. */
  const unreadable = ref('');
  const past = shallowRef<readonly Raw[]>([]);
  const future = shallowRef<readonly Raw[]>([]);
  let lastChange = { what: '', at: 0 };
  let asking = new AbortController();

  const problems = computed<readonly DraftProblem[]>(() => {
    const read = reading.value?.problems ?? [];
    const planned = costStale.value ? [] : (cost.value?.problems ?? []);
    const all = [...read, ...planned.filter((each) => !read.some((other) => isSame(each, other)))];
    return all.map((each) => ({ ...each, message: inWindow(each.message), hint: inWindow(each.hint) }));
  });
  /** What it comes to as it is now; `null` until it is planned. */
  const planned = computed(() => (costStale.value ? null : cost.value));
  /** Sparsity of each round: as planned, until then as the draft says it. */
  const sparsities = computed(() =>
    (planned.value?.estimate?.rounds ?? reading.value?.rounds ?? []).map(({ sparsity }) => sparsity),
  );
  /** Particles or members of each arm by round, the same way. */
  const trainings = computed(() =>
    planned.value?.estimate ? planned.value.arms : (reading.value?.arms ?? []),
  );
  /** What the model brings along: recipe, ticket and SWA phase. */
  const defaults = computed(() => {
    const kind = kindOf(raw.value['model']);
    return catalog.value?.models.find((model) => model.kind === kind)?.defaults ?? null;
  });
  /** The same with what the draft says over it. */
  const effective = computed(() =>
    merged(defaults.value ?? {}, pick(raw.value, ['recipe', 'ticket', 'swa'])),
  );
  const changed = computed(() => !isSame(raw.value, origin.value));
  /** Sound, as far as is known now: it may be started. */
  const ready = computed(
    () =>
      unreadable.value === '' &&
      !readingStale.value &&
      problems.value.length === 0 &&
      (reading.value?.arms.length ?? 0) > 0,
  );

  /** What is wrong at a place or inside it. @param exact not inside it */
  function problemsAt(path: Path, exact = false): readonly DraftProblem[] {
    return problems.value.filter((problem) =>
      exact ? isSame(problem.path, path) : isWithin(problem.path, path),
    );
  }

  function show(next: Raw): void {
    raw.value = next;
    readingStale.value = true;
    costStale.value = true;
    failure.value = null;
    asking.abort();
    asking = new AbortController();
    store();
    void readSoon();
  }

  /** Changes one setting. */
  function set(path: Path, value: unknown): void {
    const next = withValue(raw.value, path, value) as Raw;
    if (isSame(next, raw.value)) return;
    change(next, path.join('.'));
  }

  /** Puts another draft in its place. @param what changes of one name that follow closely are one */
  function replace(next: Raw, what = ''): void {
    if (!isSame(next, raw.value)) change(next, what);
  }

  function change(next: Raw, what: string): void {
    const at = Date.now();
    const same = what !== '' && what === lastChange.what && at - lastChange.at < ONE_CHANGE_MS;
    if (!same) remember();
    lastChange = { what, at };
    future.value = [];
    show(next);
  }

  function remember(): void {
    past.value = [...past.value, raw.value].slice(-MOST_UNDO);
  }

  function undo(): void {
    const before = past.value[past.value.length - 1];
    if (before === undefined) return;
    past.value = past.value.slice(0, -1);
    future.value = [...future.value, raw.value];
    lastChange = { what: '', at: 0 };
    show(before);
  }

  function redo(): void {
    const next = future.value[future.value.length - 1];
    if (next === undefined) return;
    future.value = future.value.slice(0, -1);
    remember();
    show(next);
  }

  function store(): void {
    try {
      if (changed.value) localStorage.setItem(shelfOf(mode.value), JSON.stringify(raw.value));
      else localStorage.removeItem(shelfOf(mode.value));
    } catch {
      // A full or forbidden storage only means that the draft is not remembered.
    }
  }

  function stored(wanted: PlanMode): Raw | null {
    try {
      const text = localStorage.getItem(shelfOf(wanted));
      return text === null ? null : (JSON.parse(text) as Raw);
    } catch {
      return null;
    }
  }

  const readSoon = useDebounceFn(() => read(), READ_AFTER);
  const planSoon = useDebounceFn(() => plan(false), COST_AFTER - READ_AFTER);
  const timeSoon = useDebounceFn(() => {
    if (cost.value?.engineReady && cost.value.estimate?.seconds === null) void plan(true);
  }, TIME_AFTER);

  /** Asks for the draft as it is now; an answer that comes after the next change is thrown away. */
  async function ask<T>(
    doing: 'reading' | 'planning' | 'timing',
    what: (draft: { raw: Raw; mode: PlanMode }, signal: AbortSignal) => Promise<T>,
  ): Promise<T | null> {
    const { signal } = asking;
    working.value = doing;
    try {
      const answer = await what({ raw: raw.value, mode: mode.value }, signal);
      return signal.aborted ? null : answer;
    } catch (error) {
      // A connection that is back asks again.
      if (!signal.aborted && !(error instanceof ConnectionLost)) failure.value = asHostError(error);
      return null;
    } finally {
      if (working.value === doing && !signal.aborted) working.value = null;
    }
  }

  async function read(): Promise<void> {
    const answer = await ask('reading', (draft, signal) => host.call('plans.read', draft, signal));
    if (!answer) return;
    reading.value = answer;
    readingStale.value = false;
    if (answer.problems.length === 0 && answer.arms.length > 0) await planSoon();
  }

  /** Plans it: trainings, what is stored, FLOPs, disk. @param time times a step where none is known */
  async function plan(time: boolean): Promise<void> {
    const answer = await ask(time ? 'timing' : 'planning', (draft, signal) =>
      host.call('plans.cost', { ...draft, time }, signal),
    );
    if (!answer) return;
    cost.value = answer;
    costStale.value = false;
    if (!time) void timeSoon();
  }

  async function openCatalog(): Promise<Catalog> {
    catalog.value ??= await host.call('plans.catalog', {});
    return catalog.value;
  }

  /** Opens the page's draft: a new one, or one made from an experiment. What was left half-done is there again. */
  async function open(wanted: PlanMode): Promise<void> {
    asking.abort();
    asking = new AbortController();
    await openCatalog();
    const from = wanted.kind === 'fork' ? wanted.from : wanted.kind === 'extend' ? wanted.experiment : null;
    const begun = from === null ? EMPTY : ((await host.call('plans.of', { experiment: from })).raw as Raw);
    if (!isSame(mode.value, wanted)) [past.value, future.value] = [[], []];
    mode.value = wanted;
    origin.value = begun;
    reading.value = null;
    cost.value = null;
    show(stored(wanted) ?? begun);
  }

  /** Back to what it began with; undo brings it back. */
  function reset(): void {
    replace(origin.value);
  }

  /** Plans, stores and queues it. @returns the experiments, in their order. @throws HostError; the draft stays. */
  async function start(): Promise<readonly ExperimentId[]> {
    asking.abort();
    asking = new AbortController();
    working.value = 'starting';
    failure.value = null;
    try {
      const draft = { raw: raw.value, mode: mode.value };
      const { experiments } = await host.call('plans.start', draft, asking.signal);
      localStorage.removeItem(shelfOf(mode.value));
      [past.value, future.value] = [[], []];
      raw.value = origin.value = EMPTY;
      mode.value = { kind: 'new' };
      return experiments;
    } catch (error) {
      if (!isAbort(error)) failure.value = asHostError(error);
      throw error;
    } finally {
      working.value = null;
    }
  }

  /** Gives up a start that has not ended, for example while an engine is prepared. */
  function stopStarting(): void {
    if (working.value === 'starting') asking.abort();
  }

  /** Asks anew for all that hangs on the host. */
  function refresh(): void {
    asking.abort();
    asking = new AbortController();
    if (catalog.value) void read();
  }

  return {
    catalog,
    mode,
    raw,
    origin,
    reading,
    cost,
    readingStale,
    costStale,
    working,
    failure,
    unreadable,
    problems,
    planned,
    sparsities,
    trainings,
    defaults,
    effective,
    changed,
    ready,
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
    problemsAt,
    set,
    replace,
    undo,
    redo,
    plan,
    open,
    openCatalog,
    reset,
    start,
    stopStarting,
    refresh,
  };
});

function pick(raw: Raw, keys: readonly string[]): Raw {
  return Object.fromEntries(keys.filter((key) => key in raw).map((key) => [key, raw[key]]));
}

/** Whatever went wrong, as something that can be shown with a hint. */
export function asHostError(error: unknown): HostError {
  if (error instanceof HostError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new HostError({ name, message, hint: '' });
}
