import { interpolate } from '../averaging/average.ts';
import { DataError } from '../contract/errors.ts';
import type { SpecOf } from '../contract/job.ts';
import { readWeights } from './common.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { Judged } from './judged.ts';
import { Landscape, measuredSeries } from './landscape.ts';

/**
 * Loss and error along the line between two solutions (Frankle et al. 2020; method.md, Analyses): at (1 − α)·a + α·b, α from 0
 * to 1.
 */
export async function connectivity(spec: SpecOf<'connectivity'>, context: JobContext): Promise<JobOutput> {
  const { task, points, ends } = spec;
  const { order, workspace } = context;
  const prepared = await workspace.prepare(task, order.source);
  const [a, b] = inputs(order, 'solution').map((digest) => readWeights(context, prepared.layout, digest));
  if (!a || !b) throw new Error('connectivity is between two solutions');
  const landscape = new Landscape(context, prepared, spec);
  const all = Array.from({ length: points }, (_, at) => at / (points - 1));
  const alpha = ends === false ? all.slice(1, -1) : all;
  const judged = new Judged(context, { width: landscape.width, total: alpha.length });
  const weights = new Float32Array(a.length);
  const rows: (readonly number[])[] = [];
  for (const at of alpha)
    rows.push(await judged.next(() => landscape.measure(interpolate(a, b, at, weights))));
  const series = measuredSeries(rows);
  // An arm's line is read as it is; an analysis says in words what is lost.
  const [lost] = ends === false ? [] : (series['lost'] ?? []);
  if (lost !== undefined)
    throw new DataError(
      `on the line between the two solutions the network gives no numbers at α = ${alpha[lost]}`,
      'The trainings have diverged: lower the learning rate.',
    );
  return { ...NOTHING, series: { alpha, ...series }, sessionMs: landscape.sessionMs };
}
