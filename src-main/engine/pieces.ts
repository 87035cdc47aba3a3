import type { Tensor } from '@tensorflow/tfjs-core';

/** Shapes of the pieces that make up a flat vector, in order, without gaps. */
export type Pieces = readonly (readonly number[])[];

export const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);

export const lengthOf = (pieces: Pieces): number => pieces.reduce((sum, shape) => sum + elementsOf(shape), 0);

/** @throws Error where a program has no such vector. */
export function piecesOf(state: Readonly<Record<string, Pieces>>, name: string): Pieces {
  const pieces = state[name];
  if (!pieces) throw new Error(`There is no state ${name}.`);
  return pieces;
}

/** @throws Error where values are not as many as the vector has. */
export function checkLength(name: string, pieces: Pieces, values: ArrayLike<number>): void {
  const elements = lengthOf(pieces);
  if (values.length !== elements) {
    throw new Error(`State ${name} has ${elements} elements, not ${values.length}.`);
  }
}

/** @throws Error where the tensors are not of the shapes of the vector's pieces. */
export function checkPieces(name: string, pieces: Pieces, tensors: readonly Tensor[]): void {
  const shown = (shapes: Pieces): string => shapes.map((shape) => `[${shape.join()}]`).join(', ');
  const [given, wanted] = [shown(tensors.map(({ shape }) => shape)), shown(pieces)];
  if (given !== wanted) throw new Error(`The next ${name} has the shape ${given}, not ${wanted}.`);
}
