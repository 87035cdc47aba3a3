import { gridSteps, placeOf, planeThrough, weightsAt } from '../analysis/plane.ts';
import type { SpecOf } from '../contract/job.ts';
import { readWeights } from './common.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { Judged } from './judged.ts';
import { Landscape, measuredSeries } from './landscape.ts';

/**
 * Loss and error on rows of a grid in the plane through three solutions (Garipov et al. 2018; method.md, Analyses). The grid holds
 * these and the places of all other points. Where no plane is given nothing is measured, and the result says so: `flat`.
 */
export async function surface(spec: SpecOf<'surface'>, context: JobContext): Promise<JobOutput> {
  const { task, size, margin, rows } = spec;
  const { order, workspace } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { layout } = prepared;
  const read = (name: string): Float32Array[] =>
    inputs(order, name).map((digest) => readWeights(context, layout, digest));
  const [a, b, c] = read('solution');
  if (!a || !b || !c) throw new Error('a surface is through three solutions');
  const plane = planeThrough(a, b, c);
  if (!plane) return { ...NOTHING, series: { flat: [1] } };
  const places = [a, b, c, ...read('point')].map((weights) => placeOf(plane, weights));
  const x = gridSteps(
    places.map((place) => place.x),
    size,
    margin,
  );
  const y = gridSteps(
    places.map((place) => place.y),
    size,
    margin,
  );
  const landscape = new Landscape(context, prepared, spec);
  const own = y.slice(rows.from, rows.to);
  const judged = new Judged(context, { width: landscape.width, total: own.length * size });
  const weights = new Float32Array(layout.total);
  const measured: (readonly number[])[] = [];
  for (const row of own)
    for (const column of x)
      measured.push(await judged.next(() => landscape.measure(weightsAt(plane, column, row, weights))));
  return {
    ...NOTHING,
    series: {
      x,
      y,
      placeX: places.map((place) => place.x),
      placeY: places.map((place) => place.y),
      placeDistance: places.map(({ distance }) => distance),
      ...measuredSeries(measured),
    },
    sessionMs: landscape.sessionMs,
  };
}
