import { dot } from './hutchinson.ts';
import { tridiagonalEigen } from './tridiagonal.ts';

/** Numbers as the matrix takes them. */
export type Vector = Float32Array | Float64Array;

export interface LanczosOptions<V extends Vector> {
  /** Rows of the matrix. */
  readonly dimension: number;
  /** Eigenvalues to find, from the largest down. */
  readonly count: number;
  /** Products at most. */
  readonly steps: number;
  /** An eigenvalue is found once its error is at most this share of it, or of a hundredth of the largest in size. */
  readonly tolerance: number;
  /** Random vectors: the first to begin with, the others where the space of those before is exhausted. */
  draw(index: number): V;
}

/** What has been found: Ritz values from the largest down, and how far at most an eigenvalue lies from each. */
export interface Found {
  readonly values: readonly number[];
  readonly errors: readonly number[];
  readonly converged: boolean;
}

/** All that a search needs to go on: of j vectors, j − 1 have been multiplied. */
export interface LanczosState<V extends Vector> {
  readonly basis: readonly V[];
  readonly diagonal: readonly number[];
  readonly beside: readonly number[];
}

/** Below this share of the largest number in the projected matrix, a remainder is rounding. */
const NOTHING = 1e-12;

/** Eigenvalues below this share of the largest need not be known to a share of themselves: zero could never be. */
const SMALL = 0.01;

/** Products that a search to 1 % takes as a rule, where a few eigenvalues stand out: for how long it takes. */
export function expectedProducts(count: number): number {
  return 4 + 3 * count;
}

/**
 * The largest eigenvalues of a symmetric matrix that is known by its products alone (Lanczos 1950), one product a step. Every
 * new vector is made orthogonal to all before it, twice: without that, copies of eigenvalues appear that are none.
 *
 * The error of a Ritz value is the norm of its residual, so that an eigenvalue lies within it. One that occurs several times
 * is found once, unless the search exhausts the whole space.
 */
export class Lanczos<V extends Vector> {
  readonly #options: LanczosOptions<V>;
  readonly #basis: V[];
  readonly #diagonal: number[];
  readonly #beside: number[];
  #found: Found;

  constructor(options: LanczosOptions<V>, from?: LanczosState<V>) {
    this.#options = options;
    this.#basis = from ? [...from.basis] : options.dimension > 0 ? [unit(options.draw(0))] : [];
    this.#diagonal = [...(from?.diagonal ?? [])];
    this.#beside = [...(from?.beside ?? [])];
    this.#found = this.#ritz();
  }

  /** The vector to multiply next; `null` when there is no more to do. */
  get next(): V | null {
    const { count, steps, dimension } = this.#options;
    const done = this.#diagonal.length;
    if (done >= Math.min(steps, dimension)) return null;
    // A remainder of nothing: eigenvalues that occur several times are still to be found, if there are any but zero.
    const exhausted = done > 0 && this.#beside[done - 1] === 0 && this.#scale() > 0;
    if (this.#found.converged && done >= count && !exhausted) return null;
    return this.#basis[done] ?? null;
  }

  get found(): Found {
    return this.#found;
  }

  /** Products taken. */
  get steps(): number {
    return this.#diagonal.length;
  }

  get state(): LanczosState<V> {
    return { basis: this.#basis, diagonal: this.#diagonal, beside: this.#beside };
  }

  /** Takes the product of {@link next}. @throws RangeError where it is not finite */
  advance(product: Vector): void {
    const vector = this.#basis[this.#diagonal.length];
    if (!vector) throw new Error('there is nothing to multiply');
    const rest = Float64Array.from(product);
    const along = dot(rest, vector);
    if (!Number.isFinite(along)) throw new RangeError('a product is not finite');
    this.#diagonal.push(along);
    this.#clear(rest);
    const left = Math.sqrt(dot(rest, rest));
    const scale = this.#scale();
    const some = left > NOTHING * scale;
    this.#beside.push(some ? left : 0);
    if (this.#diagonal.length < this.#options.dimension)
      this.#basis.push(some ? scaled(vector, rest, 1 / left) : this.#anew(vector));
    this.#found = this.#ritz();
  }

  /** Takes out of a vector what lies along the basis. */
  #clear(rest: Float64Array): void {
    for (let pass = 0; pass < 2; pass++)
      for (const vector of this.#basis) {
        const along = dot(rest, vector);
        for (let at = 0; at < rest.length; at++)
          rest[at] = (rest[at] as number) - along * (vector[at] as number);
      }
  }

  /** A random direction outside of the basis. */
  #anew(like: V): V {
    const exhausted = this.#beside.filter((each) => each === 0).length;
    const rest = Float64Array.from(this.#options.draw(exhausted));
    this.#clear(rest);
    return scaled(like, rest, 1 / Math.sqrt(dot(rest, rest)));
  }

  #scale(): number {
    return Math.max(0, ...this.#diagonal.map(Math.abs), ...this.#beside);
  }

  #ritz(): Found {
    const { count, tolerance, dimension } = this.#options;
    const n = this.#diagonal.length;
    const { values, last } = tridiagonalEigen(this.#diagonal, this.#beside.slice(0, -1));
    // All of the space has been seen: nothing is left out, whatever rounding says.
    const left = n >= dimension ? 0 : (this.#beside[n - 1] ?? 0);
    const top = values.slice(0, count);
    const errors = top.map((_, at) => left * Math.abs(last[at] as number));
    const least = SMALL * Math.max(Math.abs(values[0] ?? 0), Math.abs(values.at(-1) ?? 0));
    const isFound = (value: number, at: number): boolean =>
      (errors[at] as number) <= tolerance * Math.max(Math.abs(value), least);
    const converged = top.length >= Math.min(count, dimension) && top.every(isFound);
    return { values: top, errors, converged };
  }
}

function unit<V extends Vector>(vector: V): V {
  return scaled(vector, vector, 1 / Math.sqrt(dot(vector, vector)));
}

/** A vector of the kind of `like`. */
function scaled<V extends Vector>(like: V, values: Vector, factor: number): V {
  const made = like.slice() as V;
  for (let at = 0; at < made.length; at++) made[at] = (values[at] as number) * factor;
  return made;
}
