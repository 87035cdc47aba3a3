import type { ShownJob, ShownRound, ThinSeries } from '../../../src-main/contract/api/details.ts';
import type { JobKey } from '../../../src-main/contract/ids.ts';
import type { Line } from '../../charts/lines.ts';
import type { Live } from './live.ts';
import { trainingsOf } from './rounds.ts';

export type CurveName = 'loss' | 'accuracy';

/** How a training is called in its round. */
export function trainingName({ role, index, kind: job, particles }: ShownJob, kind: string): string {
  // Of particles that share a mask the curve is their mean.
  if (job === 'train-group') return particles > 1 ? `${particles} particles together` : 'training';
  if (role === 'ticket') return index === 0 ? 'ticket' : `ticket ${index}`;
  return `${kind === 'imp-ensemble' ? 'member' : 'particle'} ${index}`;
}

/** Particles of an arm are of its colour: the first is full, the others fade towards the last. */
const opacityOf = (at: number, of: number): number => (of < 2 ? 1 : 1 - (0.6 * at) / (of - 1));
const dashes = ['solid', 'dashed', 'dotted'] as const;

/** Curves of a round's trainings: stored ones, and of those under way what was told of them. */
export function curvesOf(
  round: ShownRound,
  {
    kind,
    colour,
    name,
    stored,
    live,
  }: {
    readonly kind: string;
    readonly colour: string;
    readonly name: CurveName;
    readonly stored: ReadonlyMap<JobKey, ThinSeries>;
    readonly live: Live;
  },
): Line[] {
  const trainings = trainingsOf(round).filter(({ role }) => role !== 'ticket');
  return trainings.flatMap((job, at) => {
    const points = pointsOf(job, name, stored, live);
    if (points.x.length === 0) return [];
    return [
      {
        id: `${name}:${job.key}`,
        name: trainingName(job, kind),
        colour,
        ...points,
        opacity: opacityOf(at, trainings.length),
        dash: dashes[Math.floor(at / 4) % dashes.length] ?? 'solid',
        named: false,
      },
    ];
  });
}

function pointsOf(
  { key, particles }: ShownJob,
  name: CurveName,
  stored: ReadonlyMap<JobKey, ThinSeries>,
  live: Live,
): { x: readonly number[]; y: readonly (number | null)[] } {
  const running = live.jobs.get(key);
  if (running)
    return {
      // Reports of particles that are trained together count the steps of all; what is stored, those of each.
      x: running.points.map(({ iteration }) => iteration / Math.max(1, particles)),
      y: running.points.map((point) => point[name]),
    };
  const series = stored.get(key);
  const values = series?.values[name];
  return series && values ? { x: series.x, y: values } : { x: [], y: [] };
}
