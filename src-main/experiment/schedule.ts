import type { JobKey } from '../contract/ids.ts';

/** A job as far as time goes. */
export interface TimedJob {
  readonly key: JobKey;
  /** Jobs it waits for; those that are not among the jobs given count as done. */
  readonly after: readonly JobKey[];
  /** Seconds it still needs. */
  readonly seconds: number;
}

/** Smallest number out first; numbers are places in the order of starting. */
class Ready {
  readonly #heap: number[] = [];

  get size(): number {
    return this.#heap.length;
  }

  add(place: number): void {
    const heap = this.#heap;
    let at = heap.push(place) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= place) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = place;
  }

  take(): number {
    const heap = this.#heap;
    const first = heap[0] as number;
    const last = heap.pop() as number;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

/**
 * Seconds until jobs are done when `workers` take them in the given order, each as soon as it may start: the
 * sum with one worker; otherwise rounds that wait for each other keep workers idle, and that counts too.
 * Ten thousand jobs take some ten milliseconds, as the host asks this while it serves others.
 * @param running jobs that workers already hold
 * @returns seconds from now at which each job ends
 */
export function finishTimes(
  jobs: readonly TimedJob[],
  workers: number,
  running: ReadonlySet<JobKey> = new Set(),
): Map<JobKey, number> {
  // What runs comes before what waits; otherwise the order is that of the list.
  const inOrder =
    running.size === 0
      ? jobs
      : [...jobs.filter(({ key }) => running.has(key)), ...jobs.filter(({ key }) => !running.has(key))];
  const places = new Map(inOrder.map(({ key }, place) => [key, place]));
  const waitsFor = new Uint32Array(inOrder.length);
  const next: number[][] = inOrder.map(() => []);
  const ready = new Ready();
  for (const [place, { after }] of inOrder.entries()) {
    for (const before of after) {
      const from = places.get(before);
      if (from === undefined) continue;
      next[from]?.push(place);
      waitsFor[place] = (waitsFor[place] ?? 0) + 1;
    }
    if (waitsFor[place] === 0) ready.add(place);
  }
  const ends = new Map<JobKey, number>();
  const busy: { readonly place: number; readonly end: number }[] = [];
  let now = 0;
  while (ready.size > 0 || busy.length > 0) {
    while (ready.size > 0 && busy.length < Math.max(1, workers)) {
      const place = ready.take();
      busy.push({ place, end: now + (inOrder[place]?.seconds ?? 0) });
    }
    const first = busy.reduce((least, { end }, index) => (end < (busy[least]?.end ?? 0) ? index : least), 0);
    const [{ place, end }] = busy.splice(first, 1) as [{ place: number; end: number }];
    now = end;
    ends.set((inOrder[place] as TimedJob).key, end);
    for (const each of next[place] ?? []) {
      const left = (waitsFor[each] ?? 1) - 1;
      waitsFor[each] = left;
      if (left === 0) ready.add(each);
    }
  }
  return ends;
}

/** Seconds until the last of some jobs is done; 0 without jobs. */
export function wallSeconds(
  jobs: readonly TimedJob[],
  workers: number,
  running: ReadonlySet<JobKey> = new Set(),
): number {
  return [...finishTimes(jobs, workers, running).values()].reduce((last, end) => Math.max(last, end), 0);
}
