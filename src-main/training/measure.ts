import type { SpecOf } from '../contract/job.ts';
import { readWeights } from './common.ts';
import { input, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { Landscape, measuredSeries } from './landscape.ts';

/** Loss and error of one solution on the images that lines and surfaces look at: their ends and marks. */
export async function measure(spec: SpecOf<'measure'>, context: JobContext): Promise<JobOutput> {
  const { order, workspace } = context;
  const prepared = await workspace.prepare(spec.task, order.source);
  const landscape = new Landscape(context, prepared, spec);
  const weights = readWeights(context, prepared.layout, input(order, 'solution'));
  const series = measuredSeries([landscape.measure(weights)]);
  return { ...NOTHING, series, sessionMs: landscape.sessionMs };
}
