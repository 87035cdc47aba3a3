import type { JobKey } from '../contract/ids.ts';
import type { JobSpec, PlannedJob } from '../contract/job.ts';
import type { Pieces } from '../store/pieces.ts';
import type { PlannedLink } from './builder.ts';
import type { Plan, PlannedRun } from './plan.ts';
import { resolvedOf } from './resolve.ts';
import type { Prepared } from './studio.ts';

// A prepared experiment as lines of JSON: bytes cross from thread to thread at no cost, and whoever must not be kept
// long reads them line by line. What many jobs have in common, task and recipe, stands once.

/** Links in one line. */
const LINKS_A_LINE = 100;

type Head = Omit<Prepared, 'plan'> & {
  readonly plan: Omit<Plan, 'jobs' | 'runs' | 'resolved' | 'stepsPerEpoch'> & {
    readonly runs: readonly Omit<PlannedRun, 'links'>[];
    readonly stepsPerEpoch: readonly (readonly [number, number])[];
  };
};

/** Instead of a value that several jobs have: its place among those. */
interface Common {
  readonly common: number;
}

/** Inputs name jobs by their places. */
type JobLine = readonly [
  key: JobKey,
  spec: Record<string, unknown>,
  inputs: readonly (readonly [name: string, job: number, output: string])[],
];
type LinkLine = readonly [
  run: number,
  links: readonly (readonly [job: number, round: number, role: PlannedLink['role'], index: number])[],
];
type Line =
  | { readonly head: Head }
  | { readonly common: unknown }
  | { readonly job: JobLine }
  | { readonly links: LinkLine };

export function writePlan({ plan, ...prepared }: Prepared): Uint8Array {
  const { jobs, runs, resolved: _, stepsPerEpoch, ...rest } = plan;
  const lines: string[] = [];
  const add = (line: Line): number => lines.push(JSON.stringify(line));
  add({
    head: {
      ...prepared,
      plan: { ...rest, runs: runs.map(({ links: _, ...run }) => run), stepsPerEpoch: [...stepsPerEpoch] },
    },
  });
  const commons = new Commons((value) => add({ common: value }));
  const places = new Map(jobs.map(({ key }, place) => [key, place]));
  const placeOf = (key: JobKey): number => places.get(key) ?? -1;
  for (const { key, spec, inputs } of jobs) {
    const short = commons.shorten(spec);
    add({ job: [key, short, inputs.map(({ name, job, output }) => [name, placeOf(job), output])] });
  }
  for (const [run, { links }] of runs.entries())
    for (let from = 0; from < links.length; from += LINKS_A_LINE) {
      const some = links.slice(from, from + LINKS_A_LINE);
      const told = some.map(({ job, round, role, index }) => [placeOf(job), round, role, index] as const);
      add({ links: [run, told] });
    }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** The same experiment. */
export function* readPlan(bytes: Uint8Array): Pieces<Prepared> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const commons: unknown[] = [];
  const jobs: PlannedJob[] = [];
  const links: PlannedLink[][] = [];
  const keyAt = (place: number): JobKey => jobs[place]?.key as JobKey;
  let head: Head | null = null;
  for (let from = 0; from < text.length;) {
    yield;
    const end = text.indexOf('\n', from);
    const line = JSON.parse(text.toString('utf8', from, end)) as Line;
    from = end + 1;
    if ('job' in line) {
      const [key, spec, inputs] = line.job;
      for (const [name, value] of Object.entries(spec))
        if (isCommon(value)) spec[name] = commons[value.common];
      const whole = inputs.map(([name, job, output]) => ({ name, job: keyAt(job), output }));
      jobs.push({ key, spec: spec as JobSpec, inputs: whole });
    } else if ('links' in line) {
      const [run, some] = line.links;
      for (const [job, round, role, index] of some)
        (links[run] ??= []).push({ job: keyAt(job), round, role, index });
    } else if ('common' in line) commons.push(line.common);
    else head = line.head;
  }
  if (head === null) throw new Error('a plan without a head');
  const { plan, config, resolution } = head;
  return {
    config,
    resolution,
    plan: {
      ...plan,
      jobs,
      runs: plan.runs.map((run, at) => ({ ...run, links: links[at] ?? [] })),
      stepsPerEpoch: new Map(plan.stepsPerEpoch),
      resolved: resolvedOf(resolution),
    },
  };
}

/** Values of which each is told once. */
class Commons {
  readonly #tell: (value: unknown) => void;
  /** By text: recipes of rounds are made anew, and are the same. */
  readonly #places = new Map<string, Common>();
  readonly #known = new Map<object, Common>();

  constructor(tell: (value: unknown) => void) {
    this.#tell = tell;
  }

  shorten(spec: JobSpec): Record<string, unknown> {
    const fields = Object.entries(spec) as [string, unknown][];
    return Object.fromEntries(
      fields.map(([name, value]) => [name, isObject(value) ? this.#place(value) : value]),
    );
  }

  #place(value: object): Common {
    const known = this.#known.get(value);
    if (known) return known;
    const text = JSON.stringify(value);
    const place = this.#places.get(text) ?? { common: this.#places.size };
    if (!this.#places.has(text)) this.#tell(value);
    this.#places.set(text, place);
    this.#known.set(value, place);
    return place;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isCommon(value: unknown): value is Common {
  return isObject(value) && 'common' in value;
}
