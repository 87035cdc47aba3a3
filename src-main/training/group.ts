import { setImmediate } from 'node:timers/promises';
import { average, RunningAverage } from '../averaging/average.ts';
import { crashPoint } from '../checkpoint/crash.ts';
import type { Series } from '../contract/job.ts';
import type { Layout } from '../contract/parameters.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { BatchLoader } from '../datasets/loader.ts';
import type { FeedValues, Program } from '../engine/program.ts';
import type { OpenRule } from '../pruning/dynamic/registry.ts';
import { aliveCount, applyMask, type Mask } from '../pruning/mask.ts';
import { Stopped } from './context.ts';
import {
  beginGroup,
  masked,
  meanSeries,
  restoreGroup,
  saveGroup,
  type GroupState,
  type Particle,
} from './group-state.ts';
import {
  add,
  CHECKPOINTS,
  diverged,
  newTally,
  note,
  REPORT_MS,
  stepFeeds,
  type Position,
  type TrainingContext,
} from './loop.ts';

/** A training of particles that share a mask, which a rule changes on the way. */
export interface GroupTraining {
  /** The training step; of a rule with feedback the one that computes with w ∘ m (programs.ts). */
  readonly step: Program;
  /** Gradients of the loss (programs.ts), where the rule takes them. */
  readonly gradients: Program | null;
  readonly rule: OpenRule;
  readonly layout: Layout;
  /** Among which weights a rule that prunes compares them; absent: among all. */
  readonly scope?: NamedSpec | undefined;
  /** Where every particle starts. */
  readonly weights: Float32Array;
  readonly mask: Mask;
  /** Prunable weights alive before the first update, and after the last one. */
  readonly alive: { readonly start: number; readonly end: number };
  /** N. */
  readonly particles: number;
  /** [batch, height, width, channels]. */
  readonly imagesShape: readonly number[];
  /** T, of each particle. */
  readonly iterations: number;
  readonly iterationsPerEpoch: number;
  /** Learning rate of iteration 0 … T − 1. */
  readonly rate: (iteration: number) => number;
  /** After how many iterations a particle's snapshot joins its average, all behind the last update; may be empty. */
  readonly snapshots: ReadonlySet<number>;
  /** From which iteration on the averaging phase sets the learning rate; `iterations` where there is none. */
  readonly averagingFrom: number;
  /** A particle's batches from iteration `start` on. */
  batches(particle: number, start: number): BatchLoader;
  /** Random integers for the update after so many steps. */
  readonly drawFor: (iteration: number) => (range: number) => number;
}

export interface TrainedGroup {
  /** Of each particle: the mean of its snapshots, or its last weights; zero where the mask prunes. */
  readonly weights: readonly Float32Array[];
  /** The last mask. */
  readonly mask: Mask;
  /** By epoch, means over the particles. */
  readonly series: Series;
  /** Steps taken now, of all particles, not counting those of a checkpoint. */
  readonly steps: number;
  readonly sessionMs: number;
}

/**
 * Trains particles that meet at every update of their mask (method.md, `rigl+swamp`): each in its turn goes as far as
 * the next update, then the rule looks at the mean of their weights, and each goes on with its own weights under the
 * new mask. Weights and momentum of a connection that goes are zero, and so are those of one that comes; of a rule
 * with feedback nothing but the result is set to zero. One particle is the rule by itself. Goes on from the job's
 * checkpoint where there is one, to the same bits.
 * @throws Stopped after saving a checkpoint, where the user asked to stop.
 * @throws SwampError where the loss stops being a number.
 */
export async function runGroup(training: GroupTraining, context: TrainingContext): Promise<TrainedGroup> {
  const group = new Group(training, context);
  try {
    return await group.run();
  } finally {
    group.close();
  }
}

class Group {
  readonly #training: GroupTraining;
  readonly #context: TrainingContext;
  readonly #state: GroupState;
  readonly #loaders: readonly BatchLoader[];
  readonly #rate = new Float32Array(1);
  #report = newTally();
  #reportedAt = performance.now();
  #savedAt = performance.now();

  constructor(training: GroupTraining, context: TrainingContext) {
    const { weights, mask, particles, rule } = training;
    this.#training = training;
    this.#context = context;
    this.#state =
      restoreGroup(context.partial) ??
      beginGroup(rule.feedback ? weights : masked(weights, mask), mask, particles);
    this.#loaders = this.#state.particles.map(({ position }, index) =>
      training.batches(index, position.iteration),
    );
  }

  async run(): Promise<TrainedGroup> {
    const { step, gradients, rule, iterations } = this.#training;
    const state = this.#state;
    const session = (): number => step.sessionMs + (gradients?.sessionMs ?? 0);
    const [first, sessionStart] = [this.#steps, session()];
    if (first > 0) crashPoint('restored');
    const ends = [...rule.updates(iterations), iterations];
    while (state.updates < ends.length) {
      const end = ends[state.updates] ?? iterations;
      step.write('mask', Float32Array.from(state.mask));
      for (; state.turn < state.particles.length; state.turn++) await this.#advance(end);
      if (end < iterations) this.#update(end);
      state.updates++;
      state.turn = 0;
    }
    return {
      weights: state.particles.map(
        ({ position, weights }) => position.average?.mean() ?? masked(weights, state.mask),
      ),
      mask: state.mask,
      series: meanSeries(state.particles),
      steps: this.#steps - first,
      sessionMs: session() - sessionStart,
    };
  }

  close(): void {
    for (const loader of this.#loaders) loader.close();
  }

  /** Steps of all particles so far. */
  get #steps(): number {
    return this.#state.particles.reduce((sum, { position }) => sum + position.iteration, 0);
  }

  /** Trains the particle whose turn it is as far as iteration `end`. */
  async #advance(end: number): Promise<void> {
    const { step, snapshots } = this.#training;
    const { mask, particles, turn } = this.#state;
    const particle = particles[turn] as Particle;
    const { position } = particle;
    if (position.iteration >= end) return;
    step.write('weights', particle.weights);
    step.write('velocity', particle.velocity);
    while (position.iteration < end) {
      this.#rate[0] = this.#training.rate(position.iteration);
      const [loss = NaN, correct = 0] = step.run(this.#nextBatch(turn));
      this.#count(particle, loss, correct);
      crashPoint('training-step');
      if (snapshots.has(position.iteration)) {
        position.average ??= new RunningAverage({ length: mask.length });
        position.average.add(masked(step.read('weights'), mask));
      }
      await this.#pause(position, () => takeBack(step, particle));
    }
    takeBack(step, particle);
  }

  /** The new mask, from what the particles are together. */
  #update(iteration: number): void {
    const { rule, layout, scope, alive, mask: first, iterations, drawFor } = this.#training;
    const state = this.#state;
    const place = { iteration, iterations, alive };
    const weights = average(state.particles.map((particle) => particle.weights));
    const gradient = rule.takesGradient ? this.#gradientAt(weights) : null;
    const { mask } = state;
    const draw = drawFor(iteration);
    state.mask = rule.next({ ...place, weights, gradient, mask, first, layout, scope, draw });
    const [wanted, made] = [rule.count(place), aliveCount(state.mask, layout)];
    if (made !== wanted)
      throw new Error(`the mask after ${iteration} steps has ${made} weights, not ${wanted}`);
    crashPoint('mask-updated');
    if (rule.feedback) return;
    // What comes is zero already: it was pruned until now.
    for (const particle of state.particles) {
      applyMask(particle.weights, state.mask);
      applyMask(particle.velocity, state.mask);
    }
  }

  /** Mean over the particles of the loss's gradient at `weights`, each on the batch whose turn it is. */
  #gradientAt(weights: Float32Array): Float32Array {
    const { gradients, rate } = this.#training;
    const { particles } = this.#state;
    if (!gradients) throw new Error('the rule takes gradients, and there is no program for them');
    gradients.write('weights', weights);
    gradients.write('sum', new Float32Array(weights.length));
    for (const [index, particle] of particles.entries()) {
      this.#rate[0] = rate(particle.position.iteration);
      const [loss = NaN, correct = 0] = gradients.run(this.#nextBatch(index));
      this.#count(particle, loss, correct);
    }
    return gradients.read('sum').map((sum) => sum / particles.length);
  }

  /** The feeds of a particle's next iteration. */
  #nextBatch(index: number): FeedValues {
    const batch = (this.#loaders[index] as BatchLoader).next();
    return stepFeeds(batch, this.#training.imagesShape, this.#rate);
  }

  /** An iteration is behind a particle. @throws SwampError where the loss is not a number. */
  #count({ position }: Particle, loss: number, correct: number): void {
    const { imagesShape, iterations, iterationsPerEpoch } = this.#training;
    if (!Number.isFinite(loss)) throw diverged(this.#training, position.iteration, loss);
    position.iteration++;
    const accuracy = correct / (imagesShape[0] ?? 1);
    add(position.epoch, loss, accuracy);
    add(this.#report, loss, accuracy);
    const endOfEpoch = position.iteration % iterationsPerEpoch === 0;
    if (endOfEpoch || position.iteration === iterations) note(position, this.#rate[0] ?? NaN);
  }

  /** Between two steps: a checkpoint where the last is old, progress, and an ear for the user. */
  async #pause(position: Position, takeBack: () => void): Promise<void> {
    const { iterations, iterationsPerEpoch, particles } = this.#training;
    const { atEpochSeconds, seconds } = this.#context.checkpoints ?? CHECKPOINTS;
    const save = (): void => {
      takeBack();
      saveGroup(this.#state, this.#context.partial);
    };
    const now = performance.now();
    const endOfEpoch = position.iteration % iterationsPerEpoch === 0;
    if ((now - this.#savedAt) / 1000 >= (endOfEpoch ? atEpochSeconds : seconds)) {
      save();
      this.#savedAt = performance.now();
    }
    if (now - this.#reportedAt <= REPORT_MS) return;
    const { loss, accuracy, steps } = this.#report;
    this.#context.progress({
      iteration: this.#steps,
      iterations: particles * iterations,
      loss: loss / steps,
      accuracy: accuracy / steps,
      stepMs: (now - this.#reportedAt) / steps,
    });
    this.#report = newTally();
    this.#reportedAt = now;
    // The steps block the thread: let messages in.
    await setImmediate();
    if (!this.#context.stopRequested()) return;
    save();
    throw new Stopped();
  }
}

/** The particle whose turn it was keeps what the step has made of it. */
function takeBack(step: Program, particle: Particle): void {
  particle.weights = step.read('weights');
  particle.velocity = step.read('velocity');
}
