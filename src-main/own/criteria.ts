import type { Criterion, ScoreInputs } from '../pruning/criteria/criterion.ts';
import { criteria } from '../pruning/criteria/registry.ts';
import { nameOf, readBasics, requireFunction } from './definition.ts';
import { OwnFile } from './fault.ts';
import type { LoadedCode } from './load.ts';

/** What a criterion file exports, as a criterion like the program's own; its scores are looked at. */
export function ownCriterion({ file: path, text, exported }: LoadedCode): Criterion {
  const file = new OwnFile('criterion', path, text);
  const basics = readBasics(file, exported, criteria.keys());
  requireFunction(file, basics, 'score', '(options, { weights, layout })');
  const { kind, schema, title = kind } = basics;
  if (typeof title !== 'string') throw file.fault('title', `title must be text, not ${nameOf(title)}`);
  const members = exported as { score(options: unknown, inputs: ScoreInputs): unknown };
  return {
    kind,
    schema,
    title,
    score(options, inputs) {
      // A copy: a criterion that writes into the weights would change the solution.
      const own = { ...inputs, weights: inputs.weights.slice() };
      const scores = file.call(() => members.score(options, own));
      checkScores(file, scores, inputs);
      return scores;
    },
  };
}

function checkScores(
  file: OwnFile,
  scores: unknown,
  { layout }: ScoreInputs,
): asserts scores is Float32Array {
  if (!(scores instanceof Float32Array)) {
    throw file.fault('score', `score must give a Float32Array, not ${nameOf(scores)}`);
  }
  if (scores.length !== layout.total) {
    throw file.fault(
      'score',
      `score gave ${scores.length} scores; the layout has ${layout.total} elements, one score each`,
    );
  }
  const nan = scores.findIndex(Number.isNaN);
  if (nan < 0) return;
  const at = layout.parameters.find(({ offset, size }) => nan < offset + size);
  throw file.fault(
    'score',
    `the score of element ${nan - (at?.offset ?? 0)} of ${at?.name ?? '?'} is NaN; scores must be numbers`,
  );
}
