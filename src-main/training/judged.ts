import { crashPoint } from '../checkpoint/crash.ts';
import type { Series } from '../contract/job.ts';
import { Breath } from './breath.ts';
import type { JobContext } from './context.ts';

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
  readonly #breath: Breath;
  #at = 0;

  /** @param width numbers of a judgement; @param total how many there are to be, for progress */
  constructor(context: JobContext, { width, total }: { width: number; total: number }) {
    this.#context = context;
    this.#width = width;
    this.#total = total;
    this.#breath = new Breath(context, () => this.#save());
    const saved = context.partial.load()?.tensors.get('judged');
    this.#known = saved?.dtype === 'F64' ? saved.data : new Float64Array(0);
    if (this.#known.length > 0) crashPoint('restored');
  }

  /**
   * The next judgement.
   * @throws Stopped after saving, where the user asked to stop
   */
  async next(judge: () => readonly number[] | Promise<readonly number[]>): Promise<readonly number[]> {
    const width = this.#width;
    const known = this.#known.subarray(this.#at * width, (this.#at + 1) * width);
    const values = known.length === width ? [...known] : await judge();
    if (values.length !== width) throw new Error(`a judgement of ${values.length} numbers, not ${width}`);
    this.#made.push(...values);
    this.#at++;
    if (known.length === width) return values;
    crashPoint('judged');
    await this.#breath.take(this.#at, this.#total);
    return values;
  }

  /** In the middle of a long judgement. @throws Stopped after saving those before, where the user asked to stop */
  async pause(): Promise<void> {
    await this.#breath.take(this.#at, this.#total);
  }

  #save(): void {
    const data = Float64Array.from(this.#made);
    const judged = { dtype: 'F64', shape: [data.length / this.#width, this.#width], data } as const;
    this.#context.partial.save(new Map([['judged', judged]]), {});
  }
}

/**
 * Judgements as series, one of each of their numbers. A result has no place for NaN: a number that is none is 0, and `lost` names
 * the places of all such judgements.
 */
export function judgedSeries(rows: readonly (readonly number[])[], names: readonly string[]): Series {
  const columns = names.map((name, column): [string, number[]] => [
    name,
    rows.map((row) => (Number.isFinite(row[column]) ? (row[column] as number) : 0)),
  ]);
  const lost = [...rows.keys()].filter((at) => !rows[at]?.every(Number.isFinite));
  return { ...Object.fromEntries(columns), ...(lost.length > 0 ? { lost } : {}) };
}
