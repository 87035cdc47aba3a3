import { ConfigError } from '../../contract/errors.ts';
import { ownOf } from '../../contract/own.ts';
import { canonical } from '../keys.ts';
import { modelTitle } from '../own-choice.ts';
import type { SubjectRun } from './analysis.ts';
import type { Solution } from './looks.ts';

/**
 * Weights of different networks have no line or plane between them.
 * @throws ConfigError that says which run's differ, and how
 */
export function requireOneShape(runs: readonly SubjectRun[]): void {
  const [first, ...others] = runs;
  const other = first && others.find((run) => shapeOf(run) !== shapeOf(first));
  if (!other) return;
  throw new ConfigError(
    `${first.id} is a ${networkText(first)}, ${other.id} a ${networkText(other)}: there is no line between networks of different shapes`,
    'Analyse runs of one model together.',
  );
}

/** What makes the weights of two runs weights of one network. */
function shapeOf({ plan: { layout }, config: { model } }: SubjectRun): string {
  const { own: _own, ...options } = model;
  const parameters = layout.parameters.map(({ name, shape }) => ({ name, shape }));
  return canonical({ options, own: ownOf(model)?.digest, parameters });
}

function networkText({ plan: { layout }, config: { model } }: SubjectRun): string {
  return `${modelTitle(model)} of ${layout.total.toLocaleString('en-US')} weights`;
}

/** @throws ConfigError where a solution is there twice: equal trainings are done once, whatever arm they are of */
export function requireOthers(solutions: readonly Solution[]): void {
  for (const [at, { made, label }] of solutions.entries()) {
    const same = solutions
      .slice(0, at)
      .find((each) => each.made.job === made.job && each.made.output === made.output);
    if (!same) continue;
    throw new ConfigError(
      same.label === label ? `${label} is named twice` : `${same.label} and ${label} are the same solution`,
      'Equal trainings are done once and give one solution. Name each once.',
    );
  }
}
