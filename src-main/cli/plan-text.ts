import { relative } from 'node:path';
import type { PlanEstimate, SweepEstimate } from '../contract/estimate.ts';
import { settingText } from '../experiment/differences.ts';
import { describeConfig } from '../experiment/describe.ts';
import { deviceText } from '../experiment/resolve.ts';
import type { Prepared } from '../experiment/studio.ts';
import type { Choice } from '../experiment/sweep.ts';
import { ownFiles } from '../own/own.ts';
import { bytes, columns, count, duration, flops } from '../report/format.ts';

/** A line of a plan: label and text. */
export type Line = readonly [label: string, text: string];

/**
 * What would run, and what it costs.
 * @param about what else there is to say of it, first
 */
export function planText(prepared: Prepared, estimate: PlanEstimate, about: readonly Line[] = []): string {
  return text([...about, ...settingLines(prepared), ...costLines(estimate, prepared)]);
}

/** An experiment of a sweep. */
export interface PlannedVariant {
  readonly name: string;
  readonly choices: readonly Choice[];
  readonly prepared: Prepared;
}

/** The same for the experiments of a sweep: what they have in common, and a table of them. */
export function sweepText(
  variants: readonly PlannedVariant[],
  estimate: SweepEstimate,
  about: readonly Line[] = [],
): string {
  const [first] = variants;
  if (!first) throw new Error('a sweep without experiments');
  const lines = variants.map(({ prepared }) => settingLines(prepared).map((line) => line.join('\n')));
  const common = settingLines(first.prepared).filter((line) =>
    lines.every((those) => those.includes(line.join('\n'))),
  );
  const paths = [...new Set(variants.flatMap(({ choices }) => choices.map(({ path }) => path)))];
  const rows = variants.map(({ name, choices }, at) => {
    const cost = estimate.experiments[at];
    const value = (path: string): string => {
      const choice = choices.find((each) => each.path === path);
      return choice ? settingText(path, choice.value) : '';
    };
    const toDo = (cost?.trainings ?? 0) - (cost?.trainingsStored ?? 0);
    return [
      name,
      ...paths.map(value),
      `${toDo} of ${cost?.trainings ?? 0}`,
      time(cost?.seconds ?? null),
      bytes(cost?.diskBytes ?? 0),
    ];
  });
  const header = ['experiment', ...paths, 'to train', 'time', 'disk'];
  const aligned = header.map((_, at) => (at === 0 ? ('left' as const) : ('right' as const)));
  const shared = estimate.experiments.reduce((sum, each) => sum + each.trainings, 0) - estimate.trainings;
  const sharing = shared > 0 ? `, shared ones counted once` : '';
  return [
    text([...about, ...common]),
    '',
    ...columns([header, ...rows], aligned),
    '',
    text([
      ['experiments', `${variants.length}, one after another`],
      ...costLines(estimate, first.prepared, sharing),
    ]),
  ].join('\n');
}

function text(lines: readonly Line[]): string {
  return columns(lines, ['left', 'left']).join('\n');
}

function settingLines({ config }: Prepared): Line[] {
  const lines = describeConfig(config).map((line): Line => [line.label, line.text]);
  const files = ownFiles(config);
  return files.length === 0
    ? lines
    : [...lines, ['runs code', `uses ${files.map(shortPath).join(', ')}, with your rights`]];
}

function costLines(
  estimate: Pick<
    PlanEstimate,
    'trainings' | 'trainingsStored' | 'trainingFlopsToDo' | 'seconds' | 'diskBytes'
  >,
  { resolution: { backend, workers, threads } }: Prepared,
  words = '',
): Line[] {
  const stored =
    estimate.trainingsStored > 0 ? `, ${count(estimate.trainingsStored)} of them stored already` : '';
  return [
    [
      'trainings',
      `${count(estimate.trainings)}${words}${stored}; ${flops(estimate.trainingFlopsToDo.dense)} to do`,
    ],
    [
      'runs on',
      `${deviceText(backend)}, ${workers} worker${workers === 1 ? '' : 's'} × ${threads} thread${threads === 1 ? '' : 's'}`,
    ],
    ['time', estimate.seconds === null ? 'not known' : `about ${time(estimate.seconds)}`],
    ['disk', bytes(estimate.diskBytes)],
  ];
}

function time(seconds: number | null): string {
  return seconds === null ? 'not known' : duration(seconds);
}

/** A path as one would type it here: relative below this folder. */
function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : `./${near}`;
}
