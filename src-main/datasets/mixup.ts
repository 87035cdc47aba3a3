import { betaShare } from '../random/beta.ts';
import { shuffle, streamFor } from '../random/random.ts';
import type { BatchOrder } from './batches.ts';

/** How a batch is mixed: image i becomes λ·(image i) + (1 − λ)·(image partners[i]), its label likewise. */
export interface Mix {
  /** λ, an array of one: it is fed as it is. */
  readonly share: Float32Array;
  /** A permutation of the places in the batch. */
  readonly partners: Int32Array;
}

/** All mixes of one epoch. */
interface Epoch {
  readonly number: number;
  readonly shares: Float32Array;
  readonly partners: Int32Array;
}

/**
 * Mixup (Zhang et al. 2018): one λ ~ Beta(α, α) and one permutation of partners for each batch. Epoch e draws from
 * the stream (seed, mixup, member, round, particle, e), in the ticket from `ticket-mixup`: for each batch λ, then the
 * permutation. Any iteration can be asked for, so a resumed training goes on with the same mixes.
 */
export class MixPlan {
  readonly #order: BatchOrder;
  readonly #alpha: number;
  readonly #perEpoch: number;
  #epoch: Epoch | undefined;

  constructor(order: BatchOrder, alpha: number) {
    this.#order = order;
    this.#alpha = alpha;
    this.#perEpoch = Math.floor(order.indices.length / order.batch);
  }

  /** The mix of an iteration, counted from 0; views, do not change them. */
  at(iteration: number): Mix {
    const { batch } = this.#order;
    const number = Math.floor(iteration / this.#perEpoch);
    if (this.#epoch?.number !== number) this.#epoch = this.#draw(number);
    const { shares, partners } = this.#epoch;
    const at = iteration % this.#perEpoch;
    return {
      share: shares.subarray(at, at + 1),
      partners: partners.subarray(at * batch, (at + 1) * batch),
    };
  }

  #draw(number: number): Epoch {
    const { phase, seed, member, round, particle, batch } = this.#order;
    const purpose = phase === 'ticket' ? 'ticket-mixup' : 'mixup';
    const stream = streamFor({ seed, purpose, member, round, particle, epoch: number });
    const shares = new Float32Array(this.#perEpoch);
    const partners = new Int32Array(this.#perEpoch * batch);
    for (let at = 0; at < this.#perEpoch; at++) {
      shares[at] = betaShare(stream, this.#alpha);
      const own = partners.subarray(at * batch, (at + 1) * batch);
      for (let place = 0; place < batch; place++) own[place] = place;
      shuffle(stream, own);
    }
    return { number, shares, partners };
  }
}
