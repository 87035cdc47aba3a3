import type { PlannedJob } from '../contract/job.ts';
import type { Plan } from './plan.ts';

/** Header of a safetensors file with some dozens of tensors. */
const HEADER_BYTES = 4096;

export const FLOAT_BYTES = 4;

/** Bytes a job leaves on disk. */
export function jobBytes(plan: Plan, { spec }: PlannedJob): number {
  const channels = plan.model.statistics.reduce((sum, each) => sum + each.channels, 0);
  const statistics = 2 * channels * FLOAT_BYTES;
  switch (spec.kind) {
    case 'import':
      if (spec.take === 'mask') return plan.layout.prunable + HEADER_BYTES;
      return plan.layout.total * FLOAT_BYTES + HEADER_BYTES;
    case 'train-ticket':
    case 'train-particle':
    case 'average':
    case 'soup':
      return plan.layout.total * FLOAT_BYTES + statistics + HEADER_BYTES;
    case 'train-group': {
      const mask = plan.layout.prunable + HEADER_BYTES;
      return spec.particles * (plan.layout.total * FLOAT_BYTES + HEADER_BYTES) + mask;
    }
    case 'prune':
    case 'score':
      return plan.layout.prunable + HEADER_BYTES;
    case 'evaluate': {
      const split = plan.resolved.splits.get(spec.task.split.seed);
      const images = (split?.validation ?? 0) + plan.resolved.dataset.test;
      return images * plan.resolved.dataset.classes * FLOAT_BYTES + statistics + 2 * HEADER_BYTES;
    }
    case 'pool':
      return plan.layout.total * FLOAT_BYTES + plan.layout.prunable + 2 * HEADER_BYTES;
    case 'evaluate-ensemble':
    case 'measure':
    case 'connectivity':
    case 'surface':
    case 'hessian-trace':
    case 'hessian-eigenvalues':
    case 'overlap':
    case 'size':
    case 'latency':
    case 'robustness':
    case 'calibration':
      return 0;
  }
}
