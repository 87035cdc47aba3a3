import type { Figure } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import type { Results } from '../analysis.ts';
import { percent } from '../axes.ts';
import { fileName } from '../names.ts';
import { aliveOf, layersOf, unitsByArm, type MaskUnit } from './units.ts';

/** Density of every layer by round, a heat map an arm; what is pruned to nothing, in words. */
export function densityFindings(
  units: readonly MaskUnit[],
  results: Results,
): { figures: Figure[]; notes: string[] } {
  const arms = unitsByArm(units);
  const collapsed = units.flatMap((unit) => collapsedRows(unit, results));
  return {
    figures: [
      ...arms.map(([label, own]) => densityFigure(label, own, results)),
      thinnestTable(units, results),
      ...(collapsed.length > 0 ? [collapseTable(collapsed)] : []),
    ],
    notes: [
      collapsed.length > 0
        ? `Layer collapse: ${collapsed.length} masks leave nothing of a layer: what runs through it is lost, or goes by the shortcut alone.`
        : 'No layer is pruned to nothing.',
    ],
  };
}

function densityFigure(label: string, units: readonly MaskUnit[], results: Results): Figure {
  const rounds = [...new Set(units.flatMap((unit) => unit.rounds))].sort((a, b) => a - b);
  const [first] = units;
  const layers = first ? layersOf(first) : [];
  const densities = (round: number, layer: number): number | null => {
    const values = units.flatMap((unit) => {
      const alive = aliveOf(unit, round, results)?.[layer];
      return alive === undefined ? [] : [alive / (layers[layer]?.size ?? NaN)];
    });
    return values.length > 0 ? mean(values) : null;
  };
  const named = { id: `density-${fileName(label)}`, title: `Density of layers: ${label}` };
  const pruned = rounds.filter((round) => units.some((unit) => (unit.masks.get(round) ?? null) !== null));
  if (pruned.length > 0 && pruned.every((round) => densities(round, 0) === null))
    return {
      kind: 'words',
      ...named,
      text: 'None of its masks is made yet.',
      hint: 'Finish the experiment with `swamp resume`.',
    };
  return {
    kind: 'heat',
    ...named,
    about: `Share of each layer’s weights that a round’s mask leaves${units.length > 1 ? `, mean over ${units.length} runs` : ''}. Masks prune ${first?.run.plan.denominator.words ?? ''}.`,
    rows: { label: 'Layer', names: layers.map(({ name }) => name) },
    columns: {
      label: 'Round',
      names: rounds.map((round) => `${round} (${percent(first?.run.rounds[round]?.sparsity ?? 0)})`),
    },
    value: { label: 'Weights alive', unit: 'share', scale: 'log' },
    values: layers.map((_, layer) => rounds.map((round) => densities(round, layer))),
  };
}

/** The last round's thinnest and densest layers by run. */
function thinnestTable(units: readonly MaskUnit[], results: Results): Figure {
  return {
    kind: 'table',
    id: 'layers',
    title: 'Thinnest and densest layers',
    about: 'In the last round that is looked at.',
    columns: [
      { label: 'Run', unit: null },
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: 'Thinnest layer', unit: null },
      { label: 'Alive', unit: 'share' },
      { label: 'Weights', unit: 'count' },
      { label: 'Densest layer', unit: null },
      { label: 'Alive', unit: 'share' },
      { label: 'Layers of nothing', unit: 'count' },
    ],
    rows: units.flatMap((unit) => {
      const round = unit.rounds.findLast((each) => aliveOf(unit, each, results) !== null);
      const alive = round === undefined ? null : aliveOf(unit, round, results);
      if (round === undefined || alive === null) return [];
      const layers = layersOf(unit).map(({ name, size }, at) => ({
        name,
        alive: alive[at] ?? 0,
        share: (alive[at] ?? 0) / size,
      }));
      const sorted = layers.toSorted((a, b) => a.share - b.share);
      const [thin, dense] = [sorted[0], sorted.at(-1)];
      if (!thin || !dense) return [];
      const { sparsity = 0 } = unit.run.rounds[round] ?? {};
      const none = layers.filter((layer) => layer.alive === 0).length;
      return [
        [unit.label, round, sparsity, thin.name, thin.share, thin.alive, dense.name, dense.share, none],
      ];
    }),
  };
}

function collapsedRows(unit: MaskUnit, results: Results): (string | number)[][] {
  const layers = layersOf(unit);
  return unit.rounds.flatMap((round) => {
    const alive = aliveOf(unit, round, results);
    const gone = layers.filter((_, at) => alive?.[at] === 0).map(({ name }) => name);
    if (gone.length === 0) return [];
    return [[unit.label, round, unit.run.rounds[round]?.sparsity ?? 0, gone.length, gone.join(', ')]];
  });
}

function collapseTable(rows: (string | number)[][]): Figure {
  return {
    kind: 'table',
    id: 'collapse',
    title: 'Layer collapse',
    about: 'Layers that a round’s mask leaves nothing of.',
    columns: [
      { label: 'Run', unit: null },
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: 'Layers', unit: 'count' },
      { label: 'Of nothing', unit: null },
    ],
    rows,
  };
}
