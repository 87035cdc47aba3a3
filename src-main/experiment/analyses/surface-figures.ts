import type { Figure, Findings } from '../../contract/figures.ts';
import type { JobKey } from '../../contract/ids.ts';
import type { Results } from './analysis.ts';
import { MEASURED, measurements, upper, type Measured } from './looks.ts';

/** A surface that was asked for. */
export interface PlannedSurface {
  /** For people, for example `swamp(4) round 5`. */
  readonly label: string;
  readonly size: number;
  /** What is marked: the three solutions that the plane goes through, then the others. */
  readonly marks: readonly string[];
  /** Marks that a path joins, by their places in the list. */
  readonly paths: readonly { readonly label: string; readonly points: readonly number[] }[];
  /** Jobs that measure the marked solutions themselves. */
  readonly own: readonly JobKey[];
  /** Jobs that measure rows of the grid, from one row on. */
  readonly slabs: readonly { readonly from: number; readonly job: JobKey }[];
}

/** Where a mark lies on the plane, and how far the solution is off it. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly distance: number;
}

/** What of a surface is measured. */
export interface ReadSurface extends PlannedSurface {
  /** `flat`: there is no plane; `none`: nothing is done yet. */
  readonly state: 'flat' | 'none' | 'there';
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly places: readonly Place[];
  /** By row, then column; `null` where not done or not finite. */
  readonly values: Readonly<Record<Measured, readonly (readonly (number | null)[])[]>>;
  /** Of the marked solutions. */
  readonly at: readonly Readonly<Record<Measured, number | null>>[];
  /** Rows that are done, and points of them at which the network gave no numbers. */
  readonly rows: number;
  readonly lost: number;
}

export function readSurface(results: Results, planned: PlannedSurface): ReadSurface {
  const { size, slabs, own } = planned;
  const done = slabs.flatMap(({ from, job }) => {
    const series = results(job)?.series;
    return series ? [{ from, series, values: measurements(results, job) }] : [];
  });
  const [some] = done;
  const empty = (): (number | null)[][] =>
    Array.from({ length: size }, () => Array.from({ length: size }, () => null));
  const values = { trainLoss: empty(), trainError: empty(), testLoss: empty(), testError: empty() };
  let [rows, lost] = [0, 0];
  for (const { from, series, values: measured } of done) {
    lost += series['lost']?.length ?? 0;
    rows += (series['trainLoss']?.length ?? 0) / size;
    for (const name of Object.keys(MEASURED) as Measured[])
      for (const [at, value] of (measured?.[name] ?? []).entries())
        (values[name][from + Math.floor(at / size)] ?? [])[at % size] = value;
  }
  const of = (name: string): number[] => some?.series[name] ?? [];
  return {
    ...planned,
    state: some === undefined ? 'none' : some.series['flat'] ? 'flat' : 'there',
    ...{ x: of('x'), y: of('y'), values, rows, lost },
    places: of('placeX').map((x, at) => ({
      x: settled(x),
      y: settled(of('placeY')[at] ?? NaN),
      distance: settled(of('placeDistance')[at] ?? NaN),
    })),
    at: own.map((key) => {
      const found = measurements(results, key);
      const value = (name: Measured): number | null => found?.[name][0] ?? null;
      return {
        trainLoss: value('trainLoss'),
        trainError: value('trainError'),
        testLoss: value('testLoss'),
        testError: value('testError'),
      };
    }),
  };
}

/** Characters that fit under a picture. */
const LONGEST_LABEL = 70;

/** A distance between weights without what rounding leaves of nothing. */
const settled = (distance: number): number => (Math.abs(distance) < 1e-9 ? 0 : distance);

/** @param looks what was measured on what */
export function surfaceFindings(surface: ReadSurface, looks: string): Findings {
  const { state, lost, size } = surface;
  const figures = (['trainLoss', 'testError'] as const).map((name) => surfaceFigure(surface, name));
  const notes = [
    looks,
    'The plane goes through the first three marks (Gram–Schmidt); a step along its axes is a distance between weights. Other marks are the nearest points of the plane, with the loss and error of the solutions themselves.',
    ...(lost > 0
      ? [`The network gives no numbers at ${lost} of ${size * size} points: its loss is not finite there.`]
      : []),
  ];
  return { figures: state === 'there' ? [...figures, marksTable(surface)] : figures, claims: [], notes };
}

function surfaceFigure(surface: ReadSurface, name: Measured): Figure {
  const { label, state, x, y, places, marks, at, paths, rows, size } = surface;
  const { title, unit } = MEASURED[name];
  const named = { id: MEASURED[name].id, title: `${upper(title)} around ${label}` };
  if (state === 'flat')
    return {
      ...{ kind: 'words', ...named },
      text: `${marks[0]}, ${marks[1]} and ${marks[2]} lie on one line, or two of them are equal: no plane is given by them.`,
      hint: 'Name three other solutions, for example of rounds that are further apart.',
    };
  const values = surface.values[name].map((row) => [...row]);
  if (values.every((row) => row.every((value) => value === null)))
    return {
      ...{ kind: 'words', ...named },
      text:
        state === 'none'
          ? 'No row of the grid has been measured yet.'
          : 'The network gives no numbers on the rows that are measured: its loss is not finite.',
      hint:
        state === 'none'
          ? 'Rows appear one after another while the analysis runs; its log says what failed.'
          : 'A training has diverged: train with a lower learning rate.',
    };
  const spot = (mark: number): [number, number][] => {
    const place = places[mark];
    return place ? [[place.x, place.y]] : [];
  };
  return {
    kind: 'surface',
    ...named,
    about: `${size} × ${size} points of the plane through ${marks.slice(0, 3).join(', ')}${rows < size ? `; ${rows} of ${size} rows are measured` : ''}`,
    x: { label: alongOf(marks), values: [...x] },
    y: { label: 'Distance across', values: [...y] },
    // Losses on a plane go from a tenth to some hundreds.
    value: { label: upper(title), unit, scale: unit === 'number' ? 'log' : 'linear' },
    values,
    marks: places.map((place, mark) => ({
      label: marks[mark] ?? '',
      x: place.x,
      y: place.y,
      value: at[mark]?.[name] ?? null,
    })),
    paths: paths.map((path) => ({ label: path.label, points: path.points.flatMap(spot) })),
  };
}

/** Where the x axis goes; names that would not fit under it stand in the picture alone. */
function alongOf([first = '', second = '']: readonly string[]): string {
  const words = `Distance from ${first} towards ${second}`;
  return words.length <= LONGEST_LABEL ? words : 'Distance along';
}

function marksTable({ marks, places, at }: ReadSurface): Figure {
  return {
    kind: 'table',
    id: 'marks',
    title: 'Marks',
    columns: [
      { label: 'Solution', unit: null },
      { label: 'x', unit: 'number' },
      { label: 'y', unit: 'number' },
      { label: 'Off the plane', unit: 'number' },
      { label: 'Training loss', unit: 'number' },
      { label: 'Training error', unit: 'share' },
      { label: 'Test loss', unit: 'number' },
      { label: 'Test error', unit: 'share' },
    ],
    rows: places.map(({ x, y, distance }, mark) => {
      const own = at[mark];
      return [
        marks[mark] ?? '',
        ...[x, y, distance],
        ...[own?.trainLoss ?? null, own?.trainError ?? null, own?.testLoss ?? null, own?.testError ?? null],
      ];
    }),
  };
}
