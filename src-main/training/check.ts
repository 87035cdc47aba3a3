import { exportFormat } from '../checkpoint/formats.ts';
import { tensorNamed, type Tensors } from '../checkpoint/tensor.ts';
import type { CheckOrder, CheckResult } from '../contract/job.ts';
import { MASK_PREFIX } from '../pruning/mask.ts';
import { flatStatistics, flatWeights, readMaskTensors } from './flat.ts';
import { judge, predictSplits } from './judge.ts';
import { countSparsity } from './network-file.ts';
import type { Workspace } from './workspace.ts';

/** Opens an exported file as a stranger would and evaluates it: nothing of the store is used. */
export async function checkExport(
  { task, source, file, format }: CheckOrder,
  workspace: Workspace,
): Promise<CheckResult> {
  const prepared = await workspace.prepare(task, source);
  const { layout, description } = prepared;
  const { tensors } = exportFormat(format).read(file);
  const weights = flatWeights(layout, tensors, file);
  const statistics = flatStatistics(description, tensors, file);
  const mask = readMaskTensors(layout, masksOf(tensors, file), file);
  const counted = countSparsity(layout, weights, mask);
  const { validation, test } = predictSplits(
    workspace.predictionStep(task, prepared),
    prepared,
    weights,
    statistics,
  );
  const { zeros, revived } = counted;
  const pruned = counted.pruned ?? 0;
  return { evaluation: judge(prepared, validation, test), zeros, pruned, revived };
}

/** The masks among a file's tensors. @throws DataError where one is not BOOL. */
function masksOf(tensors: Tensors, file: string): Tensors {
  const names = [...tensors.keys()].filter((name) => name.startsWith(MASK_PREFIX));
  return new Map(names.map((name) => [name, tensorNamed(tensors, name, 'BOOL', file)]));
}
