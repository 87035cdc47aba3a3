import { ownOf } from '../../contract/own.ts';
import { Prunable } from '../../contract/prunable.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import { settingsThatDiffer, settingText, type DifferingSetting } from '../differences.ts';
import { canonical } from '../keys.ts';
import { locationOf } from '../own-choice.ts';
import { withoutLocation } from '../plan.ts';
import type { SubjectRun } from './analysis.ts';
import type { ArmRuns } from './seeds.ts';

// What arms are trained with beside their method: those of other settings differ in more than that.

/** Settings that are told of each arm, at most, and characters of a value: a digest takes more. */
const MOST_SETTINGS = 4;
const MOST_CHARACTERS = 24;

/** Settings that tell no arms apart: what else is trained, and how the work is shared out. */
const APART = new Set(['arms', 'seeds', 'threads', 'workers', 'engine']);

/** All that a run is trained with beside its arm and its seed; one text for one value, wherever its files lie. */
export function settingsOf({ config, plan }: SubjectRun): string {
  const { name: _name, ...fields } = config;
  const settings = Object.fromEntries(Object.entries(fields).filter(([key]) => !APART.has(key)));
  return canonical({
    ...settings,
    dataset: withoutFile(withoutLocation(config.dataset)),
    model: withoutFile(config.model),
    criterion: withoutFile(config.criterion),
    // By their digests.
    start: plan.resolved.start,
    prunable: Prunable.parse(config.prunable ?? {}),
  });
}

/** What defines it by its digest alone. */
function withoutFile(spec: NamedSpec): NamedSpec {
  const own = ownOf(spec);
  return own ? { ...spec, own: own.digest } : spec;
}

/**
 * Arms that one can be held against: those of its settings, so that they differ in nothing but their methods. Of several of one
 * label those of its experiments go first.
 */
export function partnersOf<Arm extends ArmRuns>(arm: ArmRuns, others: readonly Arm[]): Arm[] {
  const own = new Set(arm.runs.map(({ experiment }) => experiment));
  const alike = others.filter((other) => settingsOfArm(other) === settingsOfArm(arm));
  return [...Map.groupBy(alike, (other) => other.arm).values()].flatMap((same) => {
    const near = same.filter(({ runs }) => runs.some(({ experiment }) => own.has(experiment)));
    return near.length > 0 ? near : same;
  });
}

/** Which arms have which settings, where not all have the same. */
export function settingsText(arms: readonly ArmRuns[]): string | null {
  const groups = [...Map.groupBy(arms, settingsOfArm).values()];
  if (groups.length < 2) return null;
  const settings = differing(groups.flatMap(([first]) => first?.runs[0] ?? []));
  return groups
    .map((group, at) => {
      const labels = group.map(({ label }) => label).join(', ');
      const told = settings.slice(0, MOST_SETTINGS).map(({ path, values }) => {
        const text = settingText(path, values[at]);
        return `${path} ${text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text}`;
      });
      const more = settings.length > MOST_SETTINGS ? [`${settings.length - MOST_SETTINGS} more`] : [];
      return told.length > 0 ? `${labels} with ${[...told, ...more].join(', ')}` : labels;
    })
    .join('; ');
}

/** The same as a note to what is found. */
export function settingsNotes(arms: readonly ArmRuns[]): string[] {
  const text = settingsText(arms);
  return text === null
    ? []
    : [`Arms trained with different settings are not held against each other: ${text}.`];
}

function settingsOfArm({ runs: [first] }: ArmRuns): string {
  return first ? settingsOf(first) : '';
}

/** Settings that differ between runs, one of each kind of settings. */
function differing(runs: readonly SubjectRun[]): DifferingSetting[] {
  const locations = runs.flatMap(({ config }) =>
    locationOf(config.dataset).map((option) => `dataset.${option}`),
  );
  return settingsThatDiffer(runs.map(({ config }) => config)).filter(
    ({ path }) => !APART.has(path) && !locations.includes(path) && !/\.own\.(?!digest)/.test(path),
  );
}
