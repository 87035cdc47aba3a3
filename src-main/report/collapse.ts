import type { ComparedArm } from '../contract/compare.ts';
import { sparsityPercent } from './format.ts';

/** Layers that are named; the rest is counted. */
const MOST = 3;

/**
 * `Layer collapse: imp leaves nothing of stage3/block1/conv2/kernel from 98.2 % sparsity on (seed 1).`, a sentence for
 * each arm whose masks pruned a layer to nothing: what runs through it is lost, or goes by the shortcut alone.
 */
export function collapseSentences(arms: readonly Pick<ComparedArm, 'arm' | 'rounds'>[]): string[] {
  return arms.flatMap(({ arm, rounds }) => {
    const collapsed = rounds.flatMap(({ sparsity, seeds }) =>
      seeds.flatMap(({ seed, collapsed: layers = [] }) =>
        layers.length > 0 ? [{ sparsity, seed, layers }] : [],
      ),
    );
    if (collapsed.length === 0) return [];
    const from = Math.min(...collapsed.map(({ sparsity }) => sparsity));
    const layers = layersText([...new Set(collapsed.flatMap((each) => each.layers))]);
    const seeds = [...new Set(collapsed.map(({ seed }) => seed))].sort((a, b) => a - b);
    const of = `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
    return [
      `Layer collapse: ${arm} leaves nothing of ${layers} from ${sparsityPercent(from)} sparsity on (${of}).`,
    ];
  });
}

/** `a, b, c and 2 more layers` */
export function layersText(layers: readonly string[]): string {
  const more = layers.length - MOST;
  if (more <= 1) return layers.join(', ');
  return `${layers.slice(0, MOST).join(', ')} and ${more} more layers`;
}
