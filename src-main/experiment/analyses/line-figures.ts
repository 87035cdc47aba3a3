import type { Claim, Figure, FigureOf } from '../../contract/figures.ts';
import { mean } from '../../contract/statistics.ts';
import { intervalOf } from '../../statistics/interval.ts';
import type { Results } from './analysis.ts';
import { barrierOf, imagesHalfWidth, readLine, type MeasuredLine, type PlannedLine } from './lines.ts';
import { MEASURED, upper, type Measured } from './looks.ts';
import { fileName } from './names.ts';
import { barsText, intervalText, pointOf } from './seeds.ts';

/** Lines among the solutions of an arm, of each of its seeds the same ones; or among any solutions. */
export interface LineGroup {
  /** Part of figures' ids. */
  readonly slug: string;
  /** For people, for example `swamp(4)`. */
  readonly label: string;
  /** The arm's label, which its colour goes by; absent where the solutions are of several. */
  readonly arm?: string;
  /** What a solution is: `round`, `particle`, `member`, `solution`. */
  readonly each: string;
  readonly names: readonly string[];
  readonly pairs: readonly (readonly [number, number])[];
  /** Sparsity of the later solution of each pair, where rounds are joined. */
  readonly sparsity?: readonly number[];
  /** Of each seed, a line a pair. */
  readonly seeds: readonly (readonly PlannedLine[])[];
}

/** A group with what was measured; `null`: not done. */
export interface ReadGroup extends LineGroup {
  readonly read: readonly (readonly (MeasuredLine | null)[])[];
}

export function readGroup(results: Results, group: LineGroup): ReadGroup {
  return { ...group, read: group.seeds.map((lines) => lines.map((line) => readLine(results, line))) };
}

/** Lines of a pair, of the seeds that have them. */
function linesOf({ read }: ReadGroup, pair: number): MeasuredLine[] {
  return read.flatMap((lines) => lines[pair] ?? []);
}

/** Barriers of a pair, of the seeds that have them. */
function barriersOf(group: ReadGroup, pair: number, name: Measured): number[] {
  return linesOf(group, pair).flatMap((line) => barrierOf(line, name) ?? []);
}

/** For example `round 3 → round 4`. */
function pairText({ names, pairs }: LineGroup, pair: number): string {
  const [from = 0, to = 0] = pairs[pair] ?? [];
  return `${names[from]} → ${names[to]}`;
}

/** In the place of figures of lines none of which can be drawn. */
function words(id: string, title: string, group: ReadGroup): Figure {
  const measured = group.pairs.some((_, pair) => linesOf(group, pair).length > 0);
  return measured
    ? {
        ...{ kind: 'words', id, title },
        text: 'The networks on the line give no numbers: their loss is not finite.',
        hint: 'A training has diverged: train with a lower learning rate.',
      }
    : {
        ...{ kind: 'words', id, title },
        text: 'No line has been measured yet.',
        hint: 'They appear one after another while the analysis runs; its log says what failed.',
      };
}

/** The value along the lines of every pair, means over seeds. */
export function curvesFigure(group: ReadGroup, name: Measured): Figure {
  const { title, unit, id } = MEASURED[name];
  const named = {
    id: `${id}-along-${fileName(group.slug)}`,
    title: `${upper(title)} along the lines between ${group.each}s, ${group.label}`,
  };
  const series = group.pairs.flatMap((_, pair) => {
    const text = pairText(group, pair);
    const along = meanAlong(linesOf(group, pair), name);
    const points = along.map(({ alpha, value }) => ({ x: alpha, y: value, name: text }));
    return points.some(({ y }) => y !== null) ? [{ label: text, points }] : [];
  });
  if (series.length === 0) return words(named.id, named.title, group);
  return {
    kind: 'lines',
    ...named,
    about: aboutSeeds(group, 'From one end, α = 0, to the other, α = 1'),
    x: { label: 'α', unit: 'number', scale: 'linear' },
    y: { label: upper(title), unit, scale: 'linear' },
    series,
  };
}

/** The value on the way through all rounds, along the lines between successive ones: means over seeds, of all arms. */
export function pathFigure(groups: readonly ReadGroup[], name: Measured): Figure {
  const { title, unit, id } = MEASURED[name];
  const named = { id: `${id}-along-rounds`, title: `${upper(title)} along the lines from round to round` };
  const series = groups.flatMap((group) => {
    const points = group.pairs.flatMap((_, pair) => {
      const lines = linesOf(group, pair);
      const [from = 0] = group.pairs[pair] ?? [];
      // A line's first point is the last one of the line before, where that is there.
      const skipped = pair > 0 && linesOf(group, pair - 1).length > 0 ? 1 : 0;
      return meanAlong(lines, name)
        .map(({ alpha, value }) => ({
          x: from + alpha,
          y: value,
          name: alpha === 0 || alpha === 1 ? (group.names[from + alpha] ?? '') : pairText(group, pair),
        }))
        .slice(skipped);
    });
    const arm = group.arm === undefined ? {} : { arm: group.arm };
    return points.some(({ y }) => y !== null) ? [{ label: group.label, ...arm, points }] : [];
  });
  const [some] = groups;
  if (series.length === 0 && some) return words(named.id, named.title, some);
  return {
    kind: 'lines',
    ...named,
    about: some ? aboutSeeds(some, 'Rounds at whole numbers, the line to the next one between them') : '',
    x: { label: 'Round', unit: 'number', scale: 'linear' },
    y: { label: upper(title), unit, scale: 'linear' },
    series,
  };
}

/** Means over lines of the same α; `null` where none of them has a value. */
function meanAlong(
  lines: readonly MeasuredLine[],
  name: Measured,
): { readonly alpha: number; readonly value: number | null }[] {
  const [first] = lines;
  return (first?.alpha ?? []).map((alpha, at) => {
    const found = lines.flatMap(({ values }) => values[name][at] ?? []);
    return { alpha, value: found.length > 0 ? mean(found) : null };
  });
}

/** Barriers between successive rounds against sparsity, of all arms. */
export function barriersFigure(groups: readonly ReadGroup[], name: Measured): Figure {
  const { title, unit, id } = MEASURED[name];
  const named = { id: `${id}-barriers`, title: `Barrier of ${title} between successive rounds` };
  const series = groups.flatMap((group) => {
    const points = group.pairs.flatMap((_, pair) => {
      const values = barriersOf(group, pair, name);
      const x = group.sparsity?.[pair];
      return values.length > 0 && x !== undefined ? [pointOf(x, values, pairText(group, pair))] : [];
    });
    const arm = group.arm === undefined ? {} : { arm: group.arm };
    return points.length > 0 ? [{ label: group.label, ...arm, points }] : [];
  });
  const [some] = groups;
  if (series.length === 0 && some) return words(named.id, named.title, some);
  const bars = barsText(groups.map(({ seeds }) => seeds.length));
  return {
    kind: 'lines',
    ...named,
    about:
      'The most that the value on the line is above the blend of those at its ends, by the later round’s sparsity.',
    x: { label: 'Sparsity', unit: 'sparsity', scale: 'log' },
    y: { label: 'Barrier', unit: unit === 'share' ? 'points' : unit, scale: 'linear' },
    ...(bars === undefined ? {} : { bars }),
    series,
  };
}

/** Barriers between all solutions, means over seeds. */
export function heatFigure(group: ReadGroup, name: Measured): Figure {
  const { title, unit, id } = MEASURED[name];
  const named = {
    id: `${id}-barriers-${fileName(group.slug)}`,
    title: `Barrier of ${title} between ${group.each}s, ${group.label}`,
  };
  const values: FigureOf<'heat'>['values'] = group.names.map((_, at) =>
    group.names.map((_, other) => (at === other ? 0 : null)),
  );
  let known = 0;
  for (const [pair, [from, to]] of group.pairs.entries()) {
    const found = barriersOf(group, pair, name);
    if (found.length === 0) continue;
    known++;
    for (const [row, column] of [
      [from, to],
      [to, from],
    ] as const)
      (values[row] ?? [])[column] = mean(found);
  }
  if (known === 0) return words(named.id, named.title, group);
  const names = [...group.names];
  const missing = group.pairs.length - known;
  return {
    kind: 'heat',
    ...named,
    about: `${aboutSeeds(group, 'The most that the value on the line is above the blend of those at its ends')}${missing > 0 ? `; ${missing} of ${group.pairs.length} are not known` : ''}`,
    rows: { label: upper(group.each), names },
    columns: { label: upper(group.each), names },
    value: { label: 'Barrier', unit: unit === 'share' ? 'points' : unit, scale: 'linear' },
    values,
  };
}

/** Barriers of every pair as numbers. */
export function barriersTable(groups: readonly ReadGroup[]): Figure {
  const several = groups.some(({ seeds }) => seeds.length > 1);
  const rows = groups.flatMap((group) =>
    group.pairs.map((_, pair) => {
      const of = (name: Measured): number | null => intervalOf(barriersOf(group, pair, name)).mean;
      return [
        ...(groups.length > 1 ? [group.label] : []),
        pairText(group, pair),
        ...(several ? [linesOf(group, pair).length] : []),
        of('trainLoss'),
        of('trainError'),
        of('testLoss'),
        of('testError'),
      ];
    }),
  );
  const points = { unit: 'points' } as const;
  return {
    kind: 'table',
    id: 'barriers',
    title: 'Barriers',
    ...(several ? { about: 'Means over seeds.' } : {}),
    columns: [
      ...(groups.length > 1 ? [{ label: 'Arm', unit: null }] : []),
      { label: 'Between', unit: null },
      ...(several ? [{ label: 'Seeds', unit: 'count' as const }] : []),
      { label: 'Training loss', unit: 'number' },
      { label: 'Training error', ...points },
      { label: 'Test loss', unit: 'number' },
      { label: 'Test error', ...points },
    ],
    rows,
  };
}

/**
 * That there is no barrier: the interval of the largest barrier of test error against what counts as one. Over seeds, each with the largest
 * of its pairs; of one seed over the images of its largest.
 * @param below as a share
 */
export function noBarrier(group: ReadGroup, below: number, images: number): Claim {
  const pairs = group.pairs.length;
  const which = pairs === 1 ? '' : `, the largest of ${pairs}`;
  const text = `${group.label}: no barrier between ${groupText(group)}, less than ${points(below)} of test error${which}`;
  const held = (value: number | null, low: number | null, high: number | null, interval: string): Claim => ({
    ...{ text, unit: 'points', value, low, high, interval },
    verdict: low !== null && low > below ? 'refuted' : high !== null && high < below ? 'shown' : 'open',
  });
  const complete = group.read.flatMap((lines) => {
    const measured = lines.flatMap((line) => line ?? []);
    return measured.length === pairs ? [measured] : [];
  });
  const barriers = complete.map((lines) => lines.map((line) => barrierOf(line, 'testError')));
  // Between two networks that give numbers, none is as high as a barrier can be: leaving its seed out would hide it.
  if (barriers.flat().includes(null)) return held(null, null, null, 'the loss is not finite on some line');
  const largest = barriers.map((each) => Math.max(...each.map((barrier) => barrier ?? NaN)));
  if (largest.length > 1) {
    const { mean, low, high, n } = intervalOf(largest);
    return held(mean, low, high, intervalText(n));
  }
  const [value] = largest;
  const line = complete[0]?.find((each) => barrierOf(each, 'testError') === value);
  if (!line || value === undefined) return held(null, null, null, 'not measured');
  const half = imagesHalfWidth(line, 'testError', images);
  const interval = `95 % interval over ${images.toLocaleString('en-US')} test images`;
  return held(value, value - half, value + half, interval);
}

/** Sentences on what the networks gave no numbers for. */
export function lostNotes(group: ReadGroup): string[] {
  return group.read.flatMap((lines, seed) =>
    lines.flatMap((line, pair) => {
      const { trainLoss = [] } = line?.values ?? {};
      const lost = trainLoss.filter((value) => value === null).length;
      if (lost === 0) return [];
      const label = group.seeds[seed]?.[pair]?.label ?? '';
      const diverged = trainLoss[0] === null || trainLoss.at(-1) === null;
      return [
        `${label}: the network gives no numbers at ${lost} of ${trainLoss.length} points. ${diverged ? 'A training has diverged.' : 'Both ends are sound; what lies between them is not.'}`,
      ];
    }),
  );
}

function groupText({ each, names, pairs }: LineGroup): string {
  if (names.length === 2 && pairs.length === 1) return `${names[0]} and ${names[1]}`;
  const all = (names.length * (names.length - 1)) / 2;
  return pairs.length === all ? `any two ${each}s` : `successive ${each}s`;
}

function aboutSeeds(group: ReadGroup, text: string): string {
  const seeds = group.read.filter((lines) => lines.some((line) => line !== null)).length;
  return group.seeds.length > 1 ? `${text}; means over ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}` : text;
}

const points = (share: number): string => `${Number((100 * share).toFixed(4))} points`;
