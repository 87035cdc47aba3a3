import type { ComparedArm, ComparedExperiment, Comparison, MeasuredComparison } from '../contract/compare.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { datasets } from '../datasets/registry.ts';
import { withStatistics, type StatisticsOptions } from '../statistics/complete.ts';
import type { Library } from '../store/library.ts';
import { settingsThatDiffer, settingText, type DifferingSetting } from './differences.ts';
import { measureStored, storedExperiment, type Prepared } from './studio.ts';

/** More settings than this make no name: the experiment's own does, and a table tells the settings. */
const SETTINGS_IN_A_NAME = 2;

/** Settings that tell experiments apart, but not what their arms are. */
const NOT_IN_A_NAME = ['arms', 'seeds', 'engine'];

/** One of the experiments. */
export interface Part {
  readonly id: ExperimentId;
  readonly prepared: Prepared;
  readonly measured: MeasuredComparison;
}

/**
 * Compares the arms of several stored experiments as one. Arms that are the same runs in several appear once; names
 * that stand in several get the settings that differ.
 * @throws ConfigError where an option is out of range
 */
export function compareSeveral(
  library: Library,
  ids: readonly ExperimentId[],
  options?: StatisticsOptions,
): Comparison {
  return withStatistics(
    measureParts(
      [...new Set(ids)].map((id) => {
        const prepared = storedExperiment(library, id);
        return { id, prepared, measured: measureStored(library, id, prepared) };
      }),
    ),
    options,
  );
}

/** What was measured in one experiment, or in several as one. */
export function measureParts(parts: readonly Part[]): MeasuredComparison {
  const [only] = parts;
  return only && parts.length === 1 ? only.measured : joinExperiments(parts);
}

/** What was measured in several experiments, as one. */
export function joinExperiments(parts: readonly Part[]): MeasuredComparison {
  const measured = parts.map((part) => part.measured);
  const [first] = measured;
  if (!first) throw new Error('there is nothing to compare');
  const together = (text: (of: MeasuredComparison) => string): string =>
    [...new Set(measured.map(text))].join(' / ');
  const settings = differing(parts);
  const weights = new Set(measured.map(({ denominator }) => denominator.weights));
  return {
    experiment: parts.map(({ id }) => id).join(' '),
    name: together(({ name }) => name),
    dataset: together(({ dataset }) => dataset),
    model: together(({ model }) => model),
    denominator: {
      words: together(({ denominator }) => denominator.words),
      weights: weights.size === 1 ? first.denominator.weights : 0,
    },
    complete: measured.every(({ complete }) => complete),
    arms: distinct(parts),
    experiments: parts.map((part, at) => describe(part, at, settings)),
  };
}

/** Settings that differ, but for those that change no result: where files lie, and how many work at a time. */
function differing(parts: readonly Part[]): DifferingSetting[] {
  const locations = [...datasets].flatMap(([, { location }]) =>
    location.map((option) => `dataset.${option}`),
  );
  return settingsThatDiffer(parts.map(({ prepared }) => prepared.config)).filter(
    ({ path }) => path !== 'workers' && !locations.includes(path),
  );
}

function describe(
  { id, prepared, measured }: Part,
  at: number,
  settings: readonly DifferingSetting[],
): ComparedExperiment {
  const { name, dataset, model, denominator, complete } = measured;
  const { resolution } = prepared;
  return {
    experiment: id,
    name,
    dataset,
    model,
    denominator,
    complete,
    data: resolution.dataset.digest,
    splits: Object.fromEntries(Object.entries(resolution.splits).map(([seed, { digest }]) => [seed, digest])),
    settings: Object.fromEntries(settings.map(({ path, values }) => [path, settingText(path, values[at])])),
  };
}

/** Every arm of every experiment once, under a name of its own. */
function distinct(parts: readonly Part[]): ComparedArm[] {
  const bySignature = new Map<string, { part: Part; arm: ComparedArm; alsoIn: ExperimentId[] }>();
  for (const part of parts) {
    for (const arm of part.measured.arms) {
      const signature = signatureOf(part, arm.arm);
      const known = bySignature.get(signature);
      if (known && known.part !== part) known.alsoIn.push(part.id);
      else bySignature.set(signature, { part, arm, alsoIn: [] });
    }
  }
  const found = [...bySignature.values()];
  const byLabel = Map.groupBy(found, ({ arm }) => arm.arm);
  const suffixes = new Map(
    [...byLabel].map(([label, those]) => [label, suffixesOf(those.map(({ part }) => part))]),
  );
  return found.map(({ part, arm, alsoIn }) => ({
    ...arm,
    arm: `${arm.arm}${suffixes.get(arm.arm)?.get(part) ?? ''}`,
    label: arm.arm,
    experiment: part.id,
    ...(alsoIn.length > 0 ? { alsoIn } : {}),
  }));
}

/** What an arm's figures derive from: equal in two experiments, they are the same runs. */
function signatureOf({ prepared }: Part, label: string): string {
  const runs = prepared.plan.runs.filter(({ arm }) => arm === label);
  const derived = runs.map(({ seed, links }) =>
    [seed, ...links.map(({ job, round, role, index }) => `${job} ${round} ${role} ${index}`)].join('\n'),
  );
  return [label, ...derived.sort()].join('\n\n');
}

/** What tells arms of one name apart: few settings, else the experiments' names, else their ids. */
function suffixesOf(parts: readonly Part[]): Map<Part, string> {
  if (parts.length < 2) return new Map(parts.map((part) => [part, '']));
  const settings = differing(parts).filter(({ path }) => !NOT_IN_A_NAME.includes(path));
  const short = shortNames(settings.map(({ path }) => path));
  const bySettings = parts.map((_, at) =>
    settings
      .flatMap(({ path, values }) =>
        values[at] === undefined ? [] : ` ${short.get(path) ?? path}=${settingText(path, values[at])}`,
      )
      .join(''),
  );
  const choices = [
    ...(settings.length <= SETTINGS_IN_A_NAME ? [bySettings] : []),
    parts.map(({ measured }) => ` ${measured.name}`),
    parts.map(({ id }) => ` ${id}`),
  ];
  const chosen = choices.find((texts) => new Set(texts).size === parts.length) ?? [];
  return new Map(parts.map((part, at) => [part, chosen[at] ?? '']));
}

/** The ends of some dotted paths, as long as they must be to differ. */
function shortNames(paths: readonly string[]): Map<string, string> {
  const end = (path: string, length: number): string => path.split('.').slice(-length).join('.');
  return new Map(
    paths.map((path) => {
      let length = 1;
      while (paths.some((other) => other !== path && end(other, length) === end(path, length))) length++;
      return [path, end(path, length)];
    }),
  );
}
