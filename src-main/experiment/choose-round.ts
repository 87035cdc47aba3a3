import { ConfigError } from '../contract/errors.ts';
import type { RunId } from '../contract/ids.ts';
import type { Library } from '../store/library.ts';
import { compareStored } from './studio.ts';

/** The smallest network of a run that is about as good as dense. */
export interface ChosenRound {
  readonly round: number;
  /** Validation accuracy, a fraction. */
  readonly accuracy: number;
  /** Arm whose round 0 is the dense network. */
  readonly denseArm: string;
}

/**
 * The sparsest round of a run within some points of dense, chosen on validation.
 * @param asked how the user asked for it, for messages. @throws ConfigError where none is, or none can be chosen.
 */
export function sparsestWithin(library: Library, run: RunId, points: number, asked: string): ChosenRound {
  const { experiment, arm, seed } = library.store.run(run);
  const found = compareStored(library, experiment, undefined, { within: points }).smallest;
  if (found.refused !== null) throw new ConfigError(`${asked}: ${found.refused}`, 'Name a round.');
  const compared = found.arms.find((each) => each.arm === arm);
  const network = compared?.seeds.find((each) => each.seed === seed)?.network;
  if (!network) {
    throw new ConfigError(
      `no round of ${run} is within ${pointsText(points)} of the dense network's validation accuracy`,
      'A comparison shows how far each is (`swamp compare`): allow more points, or name a round.',
    );
  }
  return {
    round: network.round,
    accuracy: network.validation.accuracy,
    denseArm: compared?.dense?.arm ?? arm,
  };
}

export function pointsText(points: number): string {
  return `${points} ${points === 1 ? 'point' : 'points'}`;
}
