import type { ExperimentConfig } from '../contract/experiment.ts';
import type { EngineBuild } from '../contract/job.ts';
import { countTrainings } from './cost.ts';
import { canonical } from './keys.ts';
import { planNew, withoutLocation } from './plan.ts';
import { backendOf, resolvedOf, resolveExperiment, type ResolvedData } from './resolve.ts';
import type { Prepared } from './studio.ts';

/**
 * Plans an experiment made from a stored one. What was chosen for that one (threads, workers, backend) stays where what
 * it was chosen by is the same, so that equal work is shared, also on a machine where the choice would now be another;
 * otherwise it is chosen anew.
 * @param data what the data say now.
 * @throws ConfigError where no plan can be made of it.
 */
export function planFork(
  stored: Prepared,
  config: ExperimentConfig,
  data: ResolvedData,
  engine: Pick<EngineBuild, 'variant'>,
): Prepared {
  const chosen = resolveExperiment(config, data, engine);
  const { threads, workers, precision, backend, dataset } = stored.resolution;
  const keeps =
    chosenBy(config) === chosenBy(stored.config) &&
    dataset.digest === data.dataset.digest &&
    backend === backendOf(engine);
  const resolution = keeps
    ? { ...chosen, threads, precision, backend, workers: config.workers ?? workers }
    : chosen;
  return { config, resolution, plan: planNew({ config, resolved: resolvedOf(resolution) }) };
}

/** What threads and backend are chosen by. */
function chosenBy({ model, dataset, recipe, threads, engine }: ExperimentConfig): string {
  return canonical([model, withoutLocation(dataset), recipe.batch, threads ?? null, engine]);
}

/** Trainings that two plans have in common. */
export function trainingsShared({ plan }: Prepared, other: Prepared): number {
  const keys = new Set(other.plan.jobs.map(({ key }) => key));
  return countTrainings(plan.jobs.filter(({ key }) => keys.has(key)));
}
