import type { JobKey } from '../contract/ids.ts';

/** A job as far as time goes. */
export interface TimedJob {
  readonly key: JobKey;
  /** Jobs it waits for; those that are not among the jobs given count as done. */
  readonly after: readonly JobKey[];
  /** Seconds it still needs. */
  readonly seconds: number;
}

/**
 * Seconds until jobs are done when `workers` take them in the given order, each as soon as it may start: the
 * sum with one worker; otherwise rounds that wait for each other keep workers idle, and that counts too.
 * @param running jobs that workers already hold
 * @returns seconds from now at which each job ends
 */
export function finishTimes(
  jobs: readonly TimedJob[],
  workers: number,
  running: ReadonlySet<JobKey> = new Set(),
): Map<JobKey, number> {
  const present = new Map(jobs.map((job) => [job.key, job]));
  const waitsFor = new Map<JobKey, number>();
  const next = new Map<JobKey, JobKey[]>();
  for (const { key, after } of jobs) {
    const open = new Set(after.filter((before) => present.has(before)));
    waitsFor.set(key, open.size);
    for (const before of open) next.set(before, [...(next.get(before) ?? []), key]);
  }
  const place = new Map(jobs.map(({ key }, index) => [key, index - (running.has(key) ? jobs.length : 0)]));
  const order = (key: JobKey): number => place.get(key) ?? 0;
  let ready = jobs.filter(({ key }) => waitsFor.get(key) === 0).map(({ key }) => key);
  ready.sort((a, b) => order(a) - order(b));
  const busy: { key: JobKey; end: number }[] = [];
  const ends = new Map<JobKey, number>();
  let now = 0;
  while (ready.length > 0 || busy.length > 0) {
    while (ready.length > 0 && busy.length < Math.max(1, workers)) {
      const key = ready.shift() as JobKey;
      busy.push({ key, end: now + (present.get(key)?.seconds ?? 0) });
    }
    busy.sort((a, b) => a.end - b.end);
    const done = busy.shift() as { key: JobKey; end: number };
    now = done.end;
    ends.set(done.key, now);
    const freed = (next.get(done.key) ?? []).filter((key) => {
      const left = (waitsFor.get(key) ?? 1) - 1;
      waitsFor.set(key, left);
      return left === 0;
    });
    if (freed.length > 0) ready = [...ready, ...freed].sort((a, b) => order(a) - order(b));
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
