import type { ShownAnalysis } from '../../src-main/contract/api/analyses.ts';
import type { Output } from '../../src-main/contract/api/index.ts';
import { count, duration } from '../../src-main/report/format.ts';
import { settingTitle } from '../lib/settings.ts';
import { labelOf } from '../pages/new-experiment/form/words.ts';
import type { Live } from '../pages/run/live.ts';

/** `Masks: density by layer, …` as `Masks`: what stands where there is little room. */
export function shortTitle(title: string): string {
  return title.split(': ')[0] ?? title;
}

/** What of the runs is no longer there, and what to do about it. */
export function removedWords({
  results,
  trainings,
  settings,
}: NonNullable<Output<'analyses.plan'>['removed']>): {
  text: string;
  again: string;
} {
  const networks = trainings === results;
  const one = results === 1;
  const what = networks ? (one ? 'network is' : 'networks are') : one ? 'result is' : 'results are';
  const titles = settings.map((name) => `“${settingTitle(name)}”`).join(' and ');
  const [verb, setting] = settings.length === 1 ? ['has', 'setting'] : ['have', 'settings'];
  const by = settings.length > 0 ? `: the ${setting} ${titles} ${verb} removed ${one ? 'it' : 'them'}` : '';
  const them = one ? 'it' : 'them';
  const among = trainings > 0 ? `, ${count(trainings)} of them by training` : '';
  return {
    text: `${count(results)} ${what} no longer stored${by}.`,
    again: networks ? `Train ${them} again` : `Compute ${them} again${among}`,
  };
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
