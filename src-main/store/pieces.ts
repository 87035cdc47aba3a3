import { setImmediate } from 'node:timers/promises';
import type { Database } from './database.ts';

/** Work on many rows that can rest wherever it yields. */
export type Pieces<T = void> = Generator<undefined, T>;

/** Other work of the process has its turn after this: what a window asks meanwhile must be answered within 20 ms. */
const PIECE_MS = 3;

/** Does it without a rest. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const step = pieces.next();
    if (step.done) return step.value;
  }
}

/**
 * Does it piece by piece, each a transaction of its own, between which other work has its turn. A crash may leave any
 * number of the pieces: what they write must mean nothing before a last, durable transaction says so.
 */
export async function inPieces<T>(db: Database, pieces: Pieces<T>): Promise<T> {
  for (;;) {
    const piece = db.transaction(() => forAWhile(pieces), { durable: false });
    if (piece.done) return piece.value;
    await setImmediate();
  }
}

/** As `inPieces`, of what only reads. */
export async function withRests<T>(pieces: Pieces<T>): Promise<T> {
  for (;;) {
    const piece = forAWhile(pieces);
    if (piece.done) return piece.value;
    await setImmediate();
  }
}

function forAWhile<T>(pieces: Pieces<T>): IteratorResult<undefined, T> {
  const until = performance.now() + PIECE_MS;
  for (;;) {
    const step = pieces.next();
    if (step.done || performance.now() >= until) return step;
  }
}
