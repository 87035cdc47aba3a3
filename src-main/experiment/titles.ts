import { createHash } from 'node:crypto';
import { ExperimentConfig } from '../contract/experiment.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Untold } from '../store/facts.ts';
import type { Titles } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { canonical } from './keys.ts';
import { locationOf, modelTitle } from './own-choice.ts';
import { StoredResolution } from './resolve.ts';

/** Experiments at a time whose titles are put in, so that a large library does not keep its host from others. */
const AT_A_TIME = 20;

/** What the run table calls an experiment's data set and model. */
export function titlesOf(
  { model }: Pick<ExperimentConfig, 'model'>,
  { dataset }: Pick<StoredResolution, 'dataset'>,
): Titles {
  return { dataset: dataset.title, model: modelTitle(model) };
}

/**
 * The same in runs that differ in nothing but the seed, in whichever experiments they are: a digest of all settings
 * that the run's arm is trained under. Names, other arms, where files lie, and what it is computed with are none.
 */
export function groupOf(
  config: ExperimentConfig,
  { dataset: { digest }, start: started }: Pick<StoredResolution, 'dataset' | 'start'>,
  arm: NamedSpec,
): string {
  const { model, dataset, criterion, start: _start, ...rest } = config;
  const {
    name: _name,
    seeds: _seeds,
    arms: _arms,
    threads: _threads,
    workers: _workers,
    engine: _engine,
    ...settings
  } = rest;
  const text = canonical({
    ...settings,
    arm,
    digest,
    model: withoutPlace(model),
    dataset: withoutPlace(dataset, locationOf(dataset)),
    criterion: withoutPlace(criterion),
    start: started,
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A choice without where its files lie; of one from a user's file the digest of the code. */
function withoutPlace(
  { own, ...options }: NamedSpec,
  location: readonly string[] = [],
): Record<string, unknown> {
  const kept = Object.entries(options).filter(([key]) => !location.includes(key));
  const code = own === undefined ? {} : { own: (own as { digest?: unknown }).digest };
  return { ...Object.fromEntries(kept), ...code };
}

/**
 * Puts in what the run table needs of experiments that an older version stored. To be called until nothing is left.
 * @returns whether there may be more.
 */
export function tellTitles(store: Store): boolean {
  const untold = store.untold(AT_A_TIME);
  store.tell(untold.map(told));
  return untold.length === AT_A_TIME;
}

function told({ id, config: configText, resolved, runs }: Untold): Parameters<Store['tell']>[0][number] {
  try {
    const config = ExperimentConfig.parse(JSON.parse(configText));
    const resolution = StoredResolution.parse(JSON.parse(resolved));
    const grouped = runs.map(({ id: run, spec }) => ({
      id: run,
      group: groupOf(config, resolution, JSON.parse(spec) as NamedSpec),
    }));
    return { id, titles: titlesOf(config, resolution), runs: grouped };
  } catch {
    // One that this version cannot read is listed all the same.
    return { id, titles: { dataset: '?', model: '?' }, runs };
  }
}
