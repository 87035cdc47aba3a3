import { ConfigError } from '../contract/errors.ts';
import type { JobKey } from '../contract/ids.ts';
import type { JobInput, JobSpec, PlannedJob, Task } from '../contract/job.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { StartResolution } from '../contract/start.ts';
import type { NamedSpec, Recipe, Swa } from '../contract/recipe.ts';
import type { JobRole } from '../contract/states.ts';
import type { ArmContext, Group, Made, Pooling, Pruning, Round, Scoring, Training } from './arms/arm.ts';
import type { Span } from '../averaging/swa.ts';
import type { Layout } from '../contract/parameters.ts';
import { reachableCount } from '../pruning/scopes/registry.ts';
import { jobKey } from './keys.ts';

/** What a job is to a run. */
export interface PlannedLink {
  readonly job: JobKey;
  readonly round: number;
  readonly role: JobRole;
  /** Particle or member; 0 where the role has none. */
  readonly index: number;
}

/** Every job once, in an order in which inputs come first. */
export class JobBook {
  readonly #jobs = new Map<JobKey, PlannedJob>();

  add(spec: JobSpec, inputs: readonly JobInput[]): JobKey {
    const key = jobKey(spec, inputs);
    if (!this.#jobs.has(key)) this.#jobs.set(key, { key, spec, inputs });
    return key;
  }

  get jobs(): readonly PlannedJob[] {
    return [...this.#jobs.values()];
  }
}

type PrunableFields = Pick<ExperimentConfig, 'pruneClassifier' | 'prunable'>;

/** What masks may prune, as jobs say it. */
export function prunableOf({ pruneClassifier, prunable }: PrunableFields): PrunableFields {
  return { pruneClassifier, ...(prunable && { prunable }) };
}

/** What all jobs of a seed have in common. */
export interface SeedPlan {
  readonly seed: number;
  readonly task: Task;
  /** Height, width, channels; and classes. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Files that the experiment starts from. */
  readonly start?: StartResolution | undefined;
  /** Validation images. */
  readonly validation: number;
  /** Steps of the ticket, T0. */
  readonly ticketIterations: number;
  /** T, and the steps of an epoch. */
  readonly span: Span;
  readonly layout: Layout;
}

const solution = (job: JobKey): Made => ({ job, output: 'solution' });
const maskOf = (job: JobKey): Made => ({ job, output: 'mask' });

const input = (name: string, { job, output }: Made): JobInput => ({ name, job, output });

const maskInput = (mask: Made | null): JobInput[] => (mask === null ? [] : [input('mask', mask)]);

/** With SWA the phase's own schedule replaces the recipe's, which must then not tell equal work apart. */
function recipeWith(swa: Swa | null, recipe: Recipe): Recipe {
  return swa === null ? recipe : { ...recipe, schedule: { kind: 'cosine' } };
}

/** The ticket's recipe: a constant rate without warm-up. Epochs mean nothing there and are 1 for all. */
function ticketRecipe({ recipe, ticket }: ExperimentConfig): Recipe {
  return {
    ...recipe,
    learningRate: ticket.learningRate ?? recipe.learningRate,
    schedule: { kind: 'constant' },
    warmup: 0,
    epochs: 1,
  };
}

/** Plans one run into the book. */
export class RunBuilder implements ArmContext {
  readonly rounds: readonly Round[];
  readonly links: PlannedLink[] = [];
  readonly #book: JobBook;
  readonly #config: ExperimentConfig;
  readonly #at: SeedPlan;

  constructor(book: JobBook, config: ExperimentConfig, at: SeedPlan, rounds: readonly Round[]) {
    this.#book = book;
    this.#config = config;
    this.#at = at;
    this.rounds = rounds;
  }

  get recipe(): Recipe {
    return this.#config.recipe;
  }

  get scope(): NamedSpec | undefined {
    return this.#config.scope;
  }

  get swa(): Swa {
    return this.#config.swa;
  }

  get span(): Span {
    return this.#at.span;
  }

  get startMask(): Made | null {
    const job = this.#import('mask');
    return job === null ? null : maskOf(job);
  }

  initialisation(member: number): Made {
    const job = this.#ticket(member, null, 0);
    return solution(this.#link(job, 0, 'initialisation', member));
  }

  ticket(member: number, mask: Made | null, round = 0): Made {
    const job = this.#ticket(member, mask, this.#at.ticketIterations);
    return solution(this.#link(job, round, 'ticket', member));
  }

  train({ round, member, particle, index, swa, mask, from, recipe = this.recipe }: Training): Made {
    const { seed, task } = this.#at;
    const job = this.#book.add(
      {
        kind: 'train-particle',
        task,
        seed,
        member,
        round,
        particle,
        recipe: recipeWith(swa, recipe),
        swa,
      },
      [input('ticket', from ?? this.ticket(member, null)), ...maskInput(mask)],
    );
    return solution(this.#link(job, round, 'particle', index));
  }

  group({ round, member, particles, swa, rule, from, mask }: Group): { solutions: Made[]; mask: Made } {
    const { seed, task } = this.#at;
    const recipe = recipeWith(swa, this.recipe);
    const job = this.#book.add(
      {
        kind: 'train-group',
        ...{ task, seed, member, round, particles, recipe, swa, rule },
        ...this.#choice(round),
      },
      [input('ticket', from), ...maskInput(mask)],
    );
    this.#link(job, round, 'particle', member);
    const solutions = Array.from({ length: particles }, (_, at) => ({ job, output: `solution-${at}` }));
    return { solutions, mask: maskOf(this.#link(job, round, 'mask', member)) };
  }

  average(round: number, solutions: readonly Made[]): Made {
    const [only] = solutions;
    if (only !== undefined && solutions.length === 1) return only;
    const job = this.#book.add(
      { kind: 'average' },
      solutions.map((each) => input('solution', each)),
    );
    return solution(this.#link(job, round, 'average', 0));
  }

  evaluateParticle(round: number, index: number, of: Made): Made {
    return this.#evaluate(of, round, 'evaluate-particle', index);
  }

  evaluate(round: number, of: Made): Made {
    return this.#evaluate(of, round, 'evaluate', 0);
  }

  ensemble(round: number, predictions: readonly Made[], stands: boolean): void {
    const job = this.#book.add(
      { kind: 'evaluate-ensemble', task: this.#at.task },
      predictions.map((each) => input('predictions', each)),
    );
    this.#link(job, round, 'ensemble', 0);
    if (stands) this.#link(job, round, 'evaluate', 0);
  }

  prune({ round, index, solution, mask }: Pruning): Made {
    const { shape, classes } = this.#at;
    const { model, criterion } = this.#config;
    const job = this.#book.add(
      { kind: 'prune', model, shape: [...shape], classes, criterion, ...this.#choice(round) },
      [input('solution', solution), ...maskInput(mask)],
    );
    return maskOf(this.#link(job, round - 1, 'prune', index));
  }

  score({ round, member, method, from, mask, scope }: Scoring): Made {
    const { seed, task } = this.#at;
    const choice = { ...this.#choice(round), ...(scope === undefined ? {} : { scope }) };
    // Refused here, before anything runs: a scope of the arm's own that does not reach the round's sparsity. What the
    // experiment's reaches the round has already.
    if (scope !== undefined) reachableCount(scope, choice.alive, this.#at.layout);
    const job = this.#book.add({ kind: 'score', task, seed, member, method, ...choice }, [
      input('solution', from),
      ...maskInput(mask),
    ]);
    return maskOf(this.#link(job, round - 1, 'prune', member));
  }

  soup(round: number, solutions: readonly Made[]): Made {
    this.#checkHeldOut('a greedy soup');
    const { task } = this.#at;
    const job = this.#book.add(
      { kind: 'soup', task, batch: this.recipe.batch },
      solutions.map((each) => input('solution', each)),
    );
    return solution(this.#link(job, round, 'average', 0));
  }

  pool({ round, solution: base, mask, neighbours, coefficients }: Pooling): Made {
    this.#checkHeldOut('Lottery Pools');
    const { task } = this.#at;
    const { recipe, criterion } = this.#config;
    const job = this.#book.add(
      {
        ...{ kind: 'pool', task, batch: recipe.batch, criterion, coefficients: [...coefficients] },
        ...this.#choice(round),
      },
      [...[base, ...neighbours].map((each) => input('solution', each)), ...maskInput(mask)],
    );
    this.#link(job, round, 'mask', 0);
    return solution(this.#link(job, round, 'average', 0));
  }

  connect(
    round: number,
    solutions: readonly Made[],
    options: { points: number; trainingImages: number },
  ): void {
    const job = this.#book.add(
      { kind: 'connectivity', task: this.#at.task, batch: this.recipe.batch, ...options },
      solutions.map((each) => input('solution', each)),
    );
    this.#link(job, round, 'connectivity', 0);
  }

  #checkHeldOut(what: string): void {
    if (this.#at.validation > 0) return;
    throw new ConfigError(
      `split.validation: nothing is held out, and ${what} chooses on validation images`,
      'Hold out a share of the training images, for example 0.1.',
    );
  }

  /** How the mask of a round is chosen from scores. */
  #choice(round: number): PrunableFields & { scope?: NamedSpec; alive: number } {
    const { scope } = this.#config;
    const at = this.rounds[round];
    if (!at || round < 1) throw new Error(`there is no mask for round ${round}`);
    return { ...prunableOf(this.#config), ...(scope === undefined ? {} : { scope }), alive: at.alive };
  }

  #evaluate(of: Made, round: number, role: JobRole, index: number): Made {
    const job = this.#book.add({ kind: 'evaluate', task: this.#at.task, batch: this.#config.recipe.batch }, [
      input('solution', of),
    ]);
    return { job: this.#link(job, round, role, index), output: 'predictions' };
  }

  /** Weights or a mask from a file; `null` where none is given. */
  #import(take: 'weights' | 'mask'): JobKey | null {
    const { start, shape, classes } = this.#at;
    const file = start?.[take];
    if (!file) return null;
    const { model } = this.#config;
    const { digest, names } = file;
    const job = this.#book.add(
      {
        kind: 'import',
        take,
        digest,
        names,
        model,
        shape: [...shape],
        classes,
        // What may be pruned says nothing about weights, and must not tell equal ones apart.
        ...(take === 'mask' ? prunableOf(this.#config) : {}),
      },
      [],
    );
    return this.#link(job, 0, `start-${take}`, 0);
  }

  #ticket(member: number, mask: Made | null, iterations: number): JobKey {
    const weights = this.#import('weights');
    const { seed, task } = this.#at;
    return this.#book.add(
      {
        kind: 'train-ticket',
        task,
        seed,
        member,
        initialisation: this.#config.initialisation,
        iterations,
        recipe: ticketRecipe(this.#config),
      },
      [...(weights === null ? [] : [input('start', solution(weights))]), ...maskInput(mask)],
    );
  }

  #link(job: JobKey, round: number, role: JobRole, index: number): JobKey {
    const known = this.links.some(
      (link) => link.job === job && link.round === round && link.role === role && link.index === index,
    );
    if (!known) this.links.push({ job, round, role, index });
    return job;
  }
}
