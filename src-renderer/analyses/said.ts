import type { ShownAnalysis } from '../../src-main/contract/api/analyses.ts';
import { count, duration } from '../../src-main/report/format.ts';
import { labelOf } from '../pages/new-experiment/form/words.ts';
import type { Live } from '../pages/run/live.ts';

/** `Masks: density by layer, …` as `Masks`: what stands where there is little room. */
export function shortTitle(title: string): string {
  return title.split(': ')[0] ?? title;
}

/** How far an analysis is: `12 of 40 jobs, 3 min left`. */
export function progressWords(
  { counts }: Pick<ShownAnalysis, 'counts'>,
  { phase, ahead, eta }: Pick<Live, 'phase' | 'ahead' | 'eta'>,
): string {
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const jobs = `${count(counts['done'] ?? 0)} of ${count(all)} jobs done`;
  const failed = counts['failed'] ?? 0;
  const seconds = eta?.experimentSeconds ?? null;
  return [
    jobs,
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(phase === 'queued'
      ? [ahead === 0 ? 'next in the queue' : `${count(ahead)} before it in the queue`]
      : []),
    ...(phase === 'running' && seconds !== null ? [`${duration(seconds)} left`] : []),
  ].join(', ');
}

/** The options it was asked for with: `probes 32, images 1000`. */
export function optionsWords(analysis: Readonly<Record<string, unknown>>): string {
  return Object.entries(analysis)
    .filter(([key]) => key !== 'kind' && key !== 'own')
    .map(([key, value]) => `${labelOf(key)} ${valueWords(value)}`)
    .join(', ');
}

function valueWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(valueWords).join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
