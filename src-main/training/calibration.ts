import { tensorNamed } from '../checkpoint/tensor.ts';
import type { SpecOf } from '../contract/job.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { confidenceBins, ensembleProbabilities } from './metrics.ts';

/** How often predictions of the test images are right, by how sure they are (Guo et al. 2017). Needs no engine. */
export async function calibration(spec: SpecOf<'calibration'>, context: JobContext): Promise<JobOutput> {
  const { order, objects, workspace } = context;
  const { dataset } = await workspace.prepare(spec.task, order.source);
  const members = inputs(order, 'predictions').map(
    (digest) =>
      tensorNamed(objects.read(digest).tensors, 'test', 'F32', `object ${digest.slice(0, 12)}`).data,
  );
  const bins = confidenceBins(ensembleProbabilities(members), dataset.test.labels, dataset.classes.length);
  return { ...NOTHING, series: { ...bins } };
}
