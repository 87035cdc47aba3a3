import type { Figure } from '../../../contract/figures.ts';
import { mean } from '../../../contract/statistics.ts';
import { corruptions } from '../../../datasets/corruptions/registry.ts';
import { intervalOf } from '../../../statistics/interval.ts';
import { SPARSITY } from '../axes.ts';
import { barsText, pointOf, seedsText } from '../seeds.ts';
import type { Corrupted } from './measured.ts';

interface Asked {
  readonly kinds: readonly string[];
  readonly severities: readonly number[];
}

/** Columns of a heat map that can be read; beyond, the sparsest round of each arm stands for it. */
const MOST_COLUMNS = 12;

const ERROR = { label: 'Test error', unit: 'share', scale: 'linear' } as const;

export function figuresOf(found: readonly Corrupted[], asked: Asked): Figure[] {
  const done = found.filter(({ error }) => error !== null);
  if (done.length === 0) return wordsOf(found);
  return [
    againstSparsity(done),
    byCorruption(done, asked),
    bySeverity(sparsest(done), asked),
    table(found),
    ...wordsOf(found),
  ];
}

/** Networks that differ in nothing but their seed. */
function groupsOf(found: readonly Corrupted[]): (readonly [Corrupted, ...Corrupted[]])[] {
  const groups = Map.groupBy(found, ({ label, round }) => JSON.stringify([label, round]));
  return [...groups.values()] as [Corrupted, ...Corrupted[]][];
}

/** Of each arm its last round that is there. */
function sparsest(found: readonly Corrupted[]): Corrupted[] {
  return [...Map.groupBy(found, ({ label }) => label).values()].flatMap((looks) => {
    const last = Math.max(...looks.map(({ round }) => round));
    return looks.filter(({ round }) => round === last);
  });
}

function againstSparsity(done: readonly Corrupted[]): Figure {
  const groups = groupsOf(done);
  const line = (of: (look: Corrupted) => number | null) => (label: string) =>
    groups
      .filter(([first]) => first.label === label)
      .map((looks) =>
        pointOf(
          looks[0].sparsity,
          looks.flatMap((look) => of(look) ?? []),
          `round ${looks[0].round}`,
        ),
      )
      .toSorted((a, b) => a.x - b.x);
  const arms = new Map(done.map(({ label, arm }) => [label, arm]));
  const corrupted = line(({ error }) => error);
  const clean = line(({ clean: { error } }) => error);
  const bars = barsText(groups.map(({ length }) => length));
  return {
    kind: 'lines',
    id: 'mean-corruption-error',
    title: 'Mean corruption error against sparsity',
    about: 'Mean over corruptions and severities, unnormalised; the error on clean images is dashed.',
    x: SPARSITY,
    y: ERROR,
    ...(bars === undefined ? {} : { bars }),
    series: [...arms].flatMap(([label, arm]) => [
      { label, arm, points: corrupted(label) },
      { label: `${label}, clean`, arm, dashed: true, points: clean(label) },
    ]),
  };
}

function byCorruption(done: readonly Corrupted[], { kinds, severities }: Asked): Figure {
  const all = groupsOf(done);
  const groups = all.length <= MOST_COLUMNS ? all : groupsOf(sparsest(done));
  const rounds = new Set(groups.map(([{ round }]) => round)).size > 1;
  const errorOf = (looks: readonly Corrupted[], kind: string): number | null => {
    const values = looks.flatMap(({ errors }) => errors.get(kind) ?? [null]);
    return values.length > 0 && values.every((value) => value !== null) ? mean(values) : null;
  };
  return {
    kind: 'heat',
    id: 'by-corruption',
    title: 'Test error by corruption',
    about: `Mean over severity ${severities.join(', ')}${groups.some(({ length }) => length > 1) ? ' and seeds' : ''}.`,
    rows: { label: 'Corruption', names: kinds.map((kind) => corruptions.get(kind)?.title ?? kind) },
    columns: {
      label: rounds ? 'Arm and round' : 'Arm',
      names: groups.map(([{ label, round }]) => (rounds ? `${label}, ${round}` : label)),
    },
    value: ERROR,
    values: kinds.map((kind) => groups.map((looks) => errorOf(looks, kind))),
  };
}

/** Mean over corruptions, in the last round of each arm; severity 0 is clean. */
function bySeverity(done: readonly Corrupted[], { kinds, severities }: Asked): Figure {
  const groups = groupsOf(done);
  const errorAt = (look: Corrupted, at: number): number[] => {
    const values = kinds.map((kind) => look.errors.get(kind)?.[at] ?? null);
    return values.every((value) => value !== null) ? [mean(values)] : [];
  };
  const bars = barsText(groups.map(({ length }) => length));
  return {
    kind: 'lines',
    id: 'by-severity',
    title: 'Test error by severity',
    about: `Mean over ${kinds.length} corruptions in the sparsest round looked at (${[...new Set(groups.map(([{ round }]) => round))].join(', ')}); severity 0 is clean.`,
    x: { label: 'Severity', unit: 'count', scale: 'linear' },
    y: ERROR,
    ...(bars === undefined ? {} : { bars }),
    series: groups.map((looks) => ({
      label: looks[0].label,
      arm: looks[0].arm,
      points: [
        pointOf(
          0,
          looks.flatMap(({ clean }) => clean.error ?? []),
          'clean',
        ),
        ...severities.map((severity, at) =>
          pointOf(
            severity,
            looks.flatMap((look) => errorAt(look, at)),
            `severity ${severity}`,
          ),
        ),
      ],
    })),
  };
}

function table(found: readonly Corrupted[]): Figure {
  const over = (looks: readonly Corrupted[], of: (look: Corrupted) => number | null): number | null =>
    intervalOf(looks.map((look) => of(look) ?? NaN)).mean;
  return {
    kind: 'table',
    id: 'robustness',
    title: 'Clean and corrupted images',
    about: 'Means over seeds; corrupted: over all corruptions and severities too.',
    columns: [
      { label: 'Arm', unit: null },
      { label: 'Round', unit: 'count' },
      { label: 'Sparsity', unit: 'sparsity' },
      { label: 'Seeds', unit: 'count' },
      { label: 'Clean error', unit: 'share' },
      { label: 'Mean corruption error', unit: 'share' },
      { label: 'Difference', unit: 'points' },
      { label: 'NLL, corrupted', unit: 'number' },
      { label: 'ECE, corrupted', unit: 'share' },
    ],
    rows: groupsOf(found).map((looks) => {
      const [{ label, round, sparsity }] = looks;
      const [clean, corrupted] = [over(looks, (look) => look.clean.error), over(looks, ({ error }) => error)];
      const difference = clean === null || corrupted === null ? null : corrupted - clean;
      return [
        ...[label, round, sparsity, looks.length, clean, corrupted, difference],
        ...[over(looks, ({ nll }) => nll), over(looks, ({ ece }) => ece)],
      ];
    }),
  };
}

/** What is not there, and why. */
function wordsOf(found: readonly Corrupted[]): Figure[] {
  const missing = found.filter((look) => look.missing).length;
  const lost = found.filter((look) => look.lost);
  return [
    ...(missing > 0
      ? [
          {
            kind: 'words' as const,
            id: 'missing',
            title: 'Not measured yet',
            text: `${missing} of ${found.length} networks have not seen all images yet (${seedsText(new Set(found.map(({ run }) => run.seed)).size)}).`,
            hint: 'Let the analysis go on, or resume it with `swamp resume`.',
          },
        ]
      : []),
    ...lost.map(({ label, run, round }, at) => ({
      kind: 'words' as const,
      id: `lost-${at}`,
      title: `${label}, seed ${run.seed}, round ${round}`,
      text: 'On some corrupted images the network gives no numbers: its weights are too large.',
      hint: 'Train it with a lower learning rate; its means are left out.',
    })),
  ];
}
