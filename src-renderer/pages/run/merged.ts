import type { Output } from '../../../src-main/contract/api/index.ts';
import type { ShownExperiment, ShownRun } from '../../../src-main/contract/api/details.ts';

/**
 * An experiment with what has changed of it. Runs and rounds that did not stay the same objects: what is drawn from
 * them need not be drawn anew. @param before absent where the answer tells all
 */
export function merged(
  before: ShownExperiment | null,
  { since, experiment }: Output<'experiments.follow'>,
): ShownExperiment {
  if (since === null || before === null) return experiment;
  const known = new Map(before.runs.map((run) => [run.run, run]));
  return {
    ...experiment,
    runs: experiment.runs.map((run) => {
      const old = known.get(run.run);
      if (!old) return run;
      if (run.rounds.length === 0 && headOf(run) === headOf(old)) return old;
      const rounds = [...old.rounds];
      for (const round of run.rounds) rounds[round.round] = round;
      return { ...run, rounds };
    }),
  };
}

/** All of a run but its rounds. */
const headOf = (run: ShownRun): string => JSON.stringify({ ...run, rounds: [] });
