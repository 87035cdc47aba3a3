import type { ComparedArm } from '../contract/compare.ts';
import { sparsityPercent } from './format.ts';

/** Layers, rounds, or places that are named; the rest is counted. */
const MOST = 3;

/** A round of a run, and the layers that its masks leave nothing of. */
export interface RoundCollapse {
  readonly round: number;
  readonly sparsity: number;
  readonly collapsed: readonly string[];
}

/** A layer that masks of a run leave nothing of. */
interface Collapse {
  readonly layer: string;
  /** The rounds in which they do. */
  readonly at: readonly RoundCollapse[];
  /** No later round has anything of it: rounds of masks that build on none before may be whole again. */
  readonly stays: boolean;
}

function collapsesOf(rounds: readonly RoundCollapse[]): Collapse[] {
  const layers = [...new Set(rounds.flatMap(({ collapsed }) => collapsed))];
  return layers.map((layer) => {
    const has = ({ collapsed }: RoundCollapse): boolean => collapsed.includes(layer);
    const later = rounds.slice(rounds.findIndex(has));
    return { layer, at: later.filter(has), stays: later.every(has) };
  });
}

/** Of one layer, a run each: whether it stays away, which a later round must have shown. */
const staysAway = (runs: readonly Collapse[]): boolean =>
  runs.every(({ stays }) => stays) && runs.some(({ at }) => at.length > 1);

/**
 * `Layer collapse: imp leaves nothing of stage3/block1/conv2/kernel from 98.2 % sparsity on (seed 1).`, a sentence for
 * each arm whose masks pruned a layer to nothing: what runs through it is lost, or goes by the shortcut alone.
 */
export function collapseSentences(arms: readonly Pick<ComparedArm, 'arm' | 'rounds'>[]): string[] {
  return arms.flatMap(({ arm, rounds }) => {
    const seeds = [...new Set(rounds.flatMap((round) => round.seeds.map(({ seed }) => seed)))];
    const runs = seeds.flatMap((seed) =>
      collapsesOf(
        rounds.flatMap(({ round, sparsity, seeds: of }) => {
          const run = of.find((each) => each.seed === seed);
          return run ? [{ round, sparsity, collapsed: run.collapsed ?? [] }] : [];
        }),
      ).map((collapse) => ({ ...collapse, seed })),
    );
    if (runs.length === 0) return [];
    const layers = [...Map.groupBy(runs, ({ layer }) => layer)].map(([layer, of]) => {
      const sparsities = new Set(of.flatMap(({ at }) => at.map(({ sparsity }) => sparsity)));
      const first = Math.min(...sparsities);
      return { layer, first, seeds: of.map(({ seed }) => seed), place: sparsityPlace(of) };
    });
    layers.sort((a, b) => a.first - b.first);
    return [`Layer collapse: ${arm} leaves nothing of ${placesText(layers, seedsText)}.`];
  });
}

/** `Layer collapse: nothing is left of conv2/kernel from round 3 on (sparsity 90.0 %).`, of one run; empty: none. */
export function collapseText(rounds: readonly RoundCollapse[]): string {
  const layers = collapsesOf(rounds).map((each) => ({ layer: each.layer, place: roundPlace(each) }));
  return layers.length === 0 ? '' : `Layer collapse: nothing is left of ${placesText(layers, () => '')}.`;
}

function sparsityPlace(runs: readonly Collapse[]): string {
  const rising = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  if (staysAway(runs)) {
    const firsts = rising(runs.map(({ at }) => at[0]?.sparsity ?? 0)).map(sparsityPercent);
    const [first = '', last = first] = [firsts[0], firsts.at(-1)];
    return first === last ? `from ${first} sparsity on` : `from between ${first} and ${last} sparsity on`;
  }
  const all = rising(runs.flatMap(({ at }) => at.map(({ sparsity }) => sparsity))).map(sparsityPercent);
  if (all.length <= MOST) return `at ${listed(all)} sparsity`;
  return `at ${all.length} sparsities from ${all[0]} to ${all.at(-1)}`;
}

function roundPlace(collapse: Collapse): string {
  const { at } = collapse;
  const rounds = at.map(({ round }) => String(round));
  const sparsities = at.map(({ sparsity }) => sparsityPercent(sparsity));
  const [first = '', last = first] = [sparsities[0], sparsities.at(-1)];
  if (staysAway([collapse])) return `from round ${rounds[0]} on (sparsity ${first})`;
  const between = first === last ? first : `${first} to ${last}`;
  const which =
    rounds.length <= MOST
      ? `round${rounds.length > 1 ? 's' : ''} ${listed(rounds)}`
      : `${rounds.length} rounds from ${rounds[0]} to ${rounds.at(-1)}`;
  return `in ${which} (sparsity ${between})`;
}

/** `a, b from 90.0 % sparsity on; of c at 98.2 % sparsity` */
function placesText<Of extends { readonly layer: string; readonly place: string }>(
  layers: readonly Of[],
  tail: (of: readonly Of[]) => string,
): string {
  const places = [...Map.groupBy(layers, ({ place }) => place)];
  const shown = places.length === MOST + 1 ? places : places.slice(0, MOST);
  const rest = places.slice(shown.length).reduce((sum, [, of]) => sum + of.length, 0);
  return [
    ...shown.map(([place, of]) => `${layersText(of.map(({ layer }) => layer))} ${place}${tail(of)}`),
    ...(rest > 0 ? [`${rest} more layers elsewhere`] : []),
  ].join('; of ');
}

function seedsText(layers: readonly { readonly seeds: readonly number[] }[]): string {
  const seeds = [...new Set(layers.flatMap((each) => each.seeds))].sort((a, b) => a - b);
  return ` (${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')})`;
}

/** `a, b, c and 2 more layers` */
function layersText(layers: readonly string[]): string {
  const more = layers.length - MOST;
  if (more <= 1) return layers.join(', ');
  return `${layers.slice(0, MOST).join(', ')} and ${more} more layers`;
}

/** `a, b and c` */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
