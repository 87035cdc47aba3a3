import type { JobKey } from '../contract/ids.ts';
import type { JobInput, JobSpec, PlannedJob, Task } from '../contract/job.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { StartResolution } from '../contract/start.ts';
import type { Recipe } from '../contract/recipe.ts';
import type { JobRole } from '../contract/states.ts';
import type { ArmContext, Round, Training } from './arms/arm.ts';
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

/** What all jobs of a seed have in common. */
export interface SeedPlan {
  readonly seed: number;
  readonly task: Task;
  /** Height, width, channels; and classes. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Files that the experiment starts from. */
  readonly start?: StartResolution | undefined;
  /** Steps of the ticket, T0. */
  readonly ticketIterations: number;
}

const input = (name: string, job: JobKey, output: string): JobInput => ({ name, job, output });

const maskInput = (mask: JobKey | null): JobInput[] => (mask === null ? [] : [input('mask', mask, 'mask')]);

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

  get swa(): ExperimentConfig['swa'] {
    return this.#config.swa;
  }

  get startMask(): JobKey | null {
    return this.#import('mask');
  }

  train({ round, member, particle, index, swa, mask }: Training): JobKey {
    const { seed, task } = this.#at;
    const { recipe } = this.#config;
    const job = this.#book.add(
      {
        kind: 'train-particle',
        task,
        seed,
        member,
        round,
        particle,
        // With SWA the phase's own schedule replaces the recipe's, which must then not tell equal work apart.
        recipe: swa === null ? recipe : { ...recipe, schedule: { kind: 'cosine' } },
        swa,
      },
      [input('ticket', this.#ticket(member), 'solution'), ...maskInput(mask)],
    );
    this.#link(job, round, 'particle', index);
    return job;
  }

  average(round: number, solutions: readonly JobKey[]): JobKey {
    const [only] = solutions;
    if (only !== undefined && solutions.length === 1) return only;
    const job = this.#book.add(
      { kind: 'average' },
      solutions.map((solution) => input('solution', solution, 'solution')),
    );
    this.#link(job, round, 'average', 0);
    return job;
  }

  evaluateParticle(round: number, index: number, solution: JobKey): JobKey {
    return this.#link(this.#evaluation(solution), round, 'evaluate-particle', index);
  }

  evaluate(round: number, solution: JobKey): JobKey {
    return this.#link(this.#evaluation(solution), round, 'evaluate', 0);
  }

  ensemble(round: number, predictions: readonly JobKey[], stands: boolean): void {
    const job = this.#book.add(
      { kind: 'evaluate-ensemble', task: this.#at.task },
      predictions.map((each) => input('predictions', each, 'predictions')),
    );
    this.#link(job, round, 'ensemble', 0);
    if (stands) this.#link(job, round, 'evaluate', 0);
  }

  prune(round: number, index: number, solution: JobKey, mask: JobKey | null): JobKey {
    const next = this.rounds[round + 1];
    if (!next) throw new Error(`round ${round} is the last: there is no mask after it`);
    const { shape, classes } = this.#at;
    const { model, pruneClassifier, criterion } = this.#config;
    const job = this.#book.add(
      {
        kind: 'prune',
        model,
        shape: [...shape],
        classes,
        pruneClassifier,
        criterion,
        alive: next.alive,
      },
      [input('solution', solution, 'solution'), ...maskInput(mask)],
    );
    return this.#link(job, round, 'prune', index);
  }

  #evaluation(solution: JobKey): JobKey {
    return this.#book.add({ kind: 'evaluate', task: this.#at.task, batch: this.#config.recipe.batch }, [
      input('solution', solution, 'solution'),
    ]);
  }

  /** Weights or a mask from a file; `null` where none is given. */
  #import(take: 'weights' | 'mask'): JobKey | null {
    const { start, shape, classes } = this.#at;
    const file = start?.[take];
    if (!file) return null;
    const { model, pruneClassifier } = this.#config;
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
        ...(take === 'mask' ? { pruneClassifier } : {}),
      },
      [],
    );
    return this.#link(job, 0, `start-${take}`, 0);
  }

  #ticket(member: number): JobKey {
    const weights = this.#import('weights');
    const { seed, task, ticketIterations } = this.#at;
    const job = this.#book.add(
      {
        kind: 'train-ticket',
        task,
        seed,
        member,
        initialisation: this.#config.initialisation,
        iterations: ticketIterations,
        recipe: ticketRecipe(this.#config),
      },
      weights === null ? [] : [input('start', weights, 'solution')],
    );
    return this.#link(job, 0, 'ticket', member);
  }

  #link(job: JobKey, round: number, role: JobRole, index: number): JobKey {
    const known = this.links.some(
      (link) => link.job === job && link.round === round && link.role === role && link.index === index,
    );
    if (!known) this.links.push({ job, round, role, index });
    return job;
  }
}
