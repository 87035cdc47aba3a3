import { setImmediate } from 'node:timers/promises';
import { crashPoint } from '../checkpoint/crash.ts';
import { CHECKPOINTS } from './loop.ts';
import { Stopped, type JobContext } from './context.ts';

/**
 * Judgements made one after another, each of some numbers. Those made are kept when the job is stopped or its worker
 * dies: a job that asks for the same judgements in the same order gets them back and goes on where it was.
 */
export class Judged {
  readonly #context: JobContext;
  readonly #width: number;
  readonly #total: number;
  readonly #known: Float64Array;
  readonly #made: number[] = [];
  #savedAt = performance.now();
  #at = 0;

  /** @param width numbers of a judgement; @param total how many there are to be, for progress */
  constructor(context: JobContext, { width, total }: { width: number; total: number }) {
    this.#context = context;
    this.#width = width;
    this.#total = total;
    const saved = context.partial.load()?.tensors.get('judged');
    this.#known = saved?.dtype === 'F64' ? saved.data : new Float64Array(0);
    if (this.#known.length > 0) crashPoint('restored');
  }

  /**
   * The next judgement.
   * @throws Stopped after saving, where the user asked to stop
   */
  async next(judge: () => readonly number[]): Promise<readonly number[]> {
    const width = this.#width;
    const known = this.#known.subarray(this.#at * width, (this.#at + 1) * width);
    const values = known.length === width ? [...known] : judge();
    if (values.length !== width) throw new Error(`a judgement of ${values.length} numbers, not ${width}`);
    this.#made.push(...values);
    this.#at++;
    if (known.length === width) return values;
    crashPoint('judged');
    await this.#breathe();
    return values;
  }

  async #breathe(): Promise<void> {
    const context = this.#context;
    context.progress({ iteration: this.#at, iterations: this.#total });
    await setImmediate();
    const { atEpochSeconds } = context.checkpoints ?? CHECKPOINTS;
    const stop = context.stopRequested();
    if (stop || performance.now() - this.#savedAt >= 1000 * atEpochSeconds) this.#save();
    if (stop) throw new Stopped();
  }

  #save(): void {
    const data = Float64Array.from(this.#made);
    const judged = { dtype: 'F64', shape: [data.length / this.#width, this.#width], data } as const;
    this.#context.partial.save(new Map([['judged', judged]]), {});
    this.#savedAt = performance.now();
  }
}
