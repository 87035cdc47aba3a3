import type { SpecOf } from '../contract/job.ts';
import type { Severity } from '../datasets/corruptions/corruption.ts';
import { readWeights } from './common.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { predict } from './evaluation.ts';
import { flatStatistics } from './flat.ts';
import { Judged, judgedSeries } from './judged.ts';
import { ensembleProbabilities, metricsOf } from './metrics.ts';

/** Error, NLL and ECE on corrupted test images (Hendrycks and Dietterich 2019), batch norm as estimated on clean ones. */
export async function robustness(spec: SpecOf<'robustness'>, context: JobContext): Promise<JobOutput> {
  const { task, corruption } = spec;
  const { order, workspace, objects } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { dataset, description, layout, network } = prepared;
  const { shape, test } = dataset;
  const statistics = inputs(order, 'statistics').map((digest) =>
    flatStatistics(description, objects.read(digest).tensors, `object ${digest.slice(0, 12)}`),
  );
  const networks = inputs(order, 'solution').map((digest, index) => {
    const own = statistics[index];
    if (!own) throw new Error('a solution without batch-norm statistics');
    return { weights: readWeights(context, layout, digest), statistics: own };
  });
  const count = Math.min(spec.images ?? test.count, test.count);
  const labels = test.labels.subarray(0, count);
  const clean = test.images.subarray(0, count * shape[0] * shape[1] * shape[2]);
  const pictures = await workspace.corrupted(order.source);
  const step = workspace.predictionStep(task, prepared);
  const before = step.sessionMs;

  const severities = corruption ? (corruption.severities as Severity[]) : [null];
  const judged = new Judged(context, { width: 3, total: severities.length });
  const measure = async (severity: Severity | null): Promise<number[]> => {
    const images =
      corruption && severity !== null
        ? await pictures.get({ kind: corruption.kind, severity, count }, () => judged.pause())
        : clean;
    const probabilities = ensembleProbabilities(
      networks.map((each) =>
        predict(step, each.weights, each.statistics, { images, shape }, null, network.classes),
      ),
    );
    if (probabilities.some(Number.isNaN)) return [NaN, NaN, NaN];
    const { accuracy, nll, ece } = metricsOf(probabilities, labels, network.classes);
    return [1 - accuracy, nll, ece];
  };
  const rows: (readonly number[])[] = [];
  for (const severity of severities) rows.push(await judged.next(() => measure(severity)));
  return {
    ...NOTHING,
    series: judgedSeries(rows, ['error', 'nll', 'ece']),
    sessionMs: step.sessionMs - before,
  };
}
