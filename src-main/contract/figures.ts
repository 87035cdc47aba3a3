import { z } from 'zod';

// What an analysis found, ready to be drawn, printed and written as CSV. Whoever draws knows these few kinds of figure and
// no analysis.

/** A number that may not be there: what is not finite has no place in JSON, and is `null`. */
export const Value = z.number().nullable();
export type Value = z.infer<typeof Value>;

/**
 * What a number means: `share` 0 to 1, shown in percent; `sparsity` the same of pruned weights, drawn on a logarithmic axis by what
 * is left; `points` a difference of shares, shown in percentage points; `count` whole; `number` anything else.
 */
export const Unit = z.enum(['share', 'sparsity', 'points', 'count', 'number', 'flops', 'bytes', 'ms']);
export type Unit = z.infer<typeof Unit>;

export const Axis = z.object({
  /** For people, without its unit. */
  label: z.string(),
  unit: Unit,
  /** How it is drawn at first. */
  scale: z.enum(['linear', 'log']).default('linear'),
});
export type Axis = z.infer<typeof Axis>;

const named = {
  /** Lower-case letters, digits and `-`; unique in an analysis. Names files. */
  id: z.string(),
  title: z.string(),
  /** A sentence below the title: what is shown, of how many images. */
  about: z.string().optional(),
};

/** A point with the ends of its bar or band; absent where there is none. */
const Point = z.object({
  x: z.number(),
  y: Value,
  low: Value.optional(),
  high: Value.optional(),
  /** What hovering names it, for example `round 5`. */
  name: z.string().optional(),
});

const Series = z.object({
  label: z.string(),
  /** The arm's label where it is an arm's: it has the arm's colour then. */
  arm: z.string().optional(),
  /** Drawn thinner and dashed: a yardstick beside what it is about. */
  dashed: z.boolean().optional(),
  points: z.array(Point),
});

export const LinesFigure = z.object({
  kind: z.literal('lines'),
  ...named,
  x: Axis,
  y: Axis,
  /** What `low` and `high` are, for example `95 % interval over 32 probes`. */
  bars: z.string().optional(),
  series: z.array(Series),
});

/** Points that stand for themselves; with `better`, the front of those that no other beats on both axes is drawn. */
export const ScatterFigure = z.object({
  kind: z.literal('scatter'),
  ...named,
  x: Axis,
  y: Axis,
  bars: z.string().optional(),
  /** Less of x is always better. */
  better: z.enum(['more', 'less']).optional(),
  series: z.array(Series),
});

export const BarsFigure = z.object({
  kind: z.literal('bars'),
  ...named,
  y: Axis,
  bars: z.string().optional(),
  categories: z.array(z.string()),
  series: z.array(
    z.object({
      label: z.string(),
      arm: z.string().optional(),
      /** One a category. */
      values: z.array(Value),
      low: z.array(Value).optional(),
      high: z.array(Value).optional(),
    }),
  ),
});

export const HeatFigure = z.object({
  kind: z.literal('heat'),
  ...named,
  rows: z.object({ label: z.string(), names: z.array(z.string()) }),
  columns: z.object({ label: z.string(), names: z.array(z.string()) }),
  value: Axis,
  /** Ends of the colours; absent: the smallest and the largest value. */
  range: z.object({ from: z.number(), to: z.number() }).optional(),
  /** By row. */
  values: z.array(z.array(Value)),
});

/** A value over a plane, as contours. */
export const SurfaceFigure = z.object({
  kind: z.literal('surface'),
  ...named,
  x: z.object({ label: z.string(), values: z.array(z.number()) }),
  y: z.object({ label: z.string(), values: z.array(z.number()) }),
  value: Axis,
  /** By y, then x. */
  values: z.array(z.array(Value)),
  marks: z.array(z.object({ label: z.string(), x: z.number(), y: z.number(), value: Value })),
  paths: z.array(z.object({ label: z.string(), points: z.array(z.tuple([z.number(), z.number()])) })),
});

export const TableFigure = z.object({
  kind: z.literal('table'),
  ...named,
  columns: z.array(z.object({ label: z.string(), unit: Unit.nullable() })),
  /** Texts where the column's unit is `null`. */
  rows: z.array(z.array(z.union([z.string(), Value]))),
});

/** In the place of a figure that cannot be drawn: why, and what to do. */
export const WordsFigure = z.object({
  kind: z.literal('words'),
  ...named,
  text: z.string(),
  hint: z.string(),
});

export const Figure = z.discriminatedUnion('kind', [
  LinesFigure,
  ScatterFigure,
  BarsFigure,
  HeatFigure,
  SurfaceFigure,
  TableFigure,
  WordsFigure,
]);
export type Figure = z.infer<typeof Figure>;
export type FigureOf<Kind extends Figure['kind']> = Extract<Figure, { kind: Kind }>;

/** What a paper says, held against what was measured. */
export const Claim = z.object({
  /** For example `swamp(4) has a lower Hessian trace than imp`. */
  text: z.string(),
  /** `shown`: the interval is on the claim's side; `refuted`: on the other side; `open`: it holds both, or there is none. */
  verdict: z.enum(['shown', 'refuted', 'open']),
  unit: Unit,
  /** Mean difference or value that decides. */
  value: Value,
  low: Value,
  high: Value,
  /** What the interval is, for example `95 % interval over 3 seeds`. */
  interval: z.string(),
});
export type Claim = z.infer<typeof Claim>;

/** All that an analysis found. */
export const Findings = z.object({
  figures: z.array(Figure),
  claims: z.array(Claim),
  /** Sentences worth knowing: what was measured on what. */
  notes: z.array(z.string()),
});
export type Findings = z.infer<typeof Findings>;
