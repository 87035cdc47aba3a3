import type { Figure, FigureOf, Findings } from '../../contract/figures.ts';

// Figures as analyses would give them, for tests and for looking at pictures.

const series = <T>(length: number, of: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => of(index));

/** The same numbers every time, between −1 and 1. */
export function wobble(seed: number): number {
  const at = Math.sin(seed * 12.9898 + 4.1) * 43758.5453;
  return 2 * (at - Math.floor(at)) - 1;
}

const fiveArms = ['imp', 'imp-ensemble(2)', 'swamp(4)', 'swamp(1)', 'rigl(0.9)'];
const sparsityAt = (round: number): number => 1 - 0.64 ** round;

/** Barriers between the solutions of all rounds. */
export function connectivityHeat(rounds = 10): FigureOf<'heat'> {
  const names = series(rounds, (round) => String(round));
  return {
    kind: 'heat',
    id: 'barriers',
    title: 'Barrier of the test error between the rounds of swamp(4), seed 1',
    about: 'Largest excess over the straight line between the ends, of 25 places on it; 2000 test images',
    rows: { label: 'Round', names },
    columns: { label: 'Round', names },
    value: { label: 'Barrier', unit: 'points', scale: 'linear' },
    values: names.map((_, a) =>
      names.map((_name, b) =>
        a === b ? null : Math.max(0, 0.004 * Math.abs(a - b) ** 1.6 + 0.002 * wobble(a * b + a + b)),
      ),
    ),
  };
}

function bowl(x: number, y: number): number {
  const well = (h: number, v: number, depth: number): number =>
    depth * Math.exp(-((x - h) ** 2 + (y - v) ** 2) / 18);
  return (
    0.06 * (x - 5) ** 2 + 0.05 * (y - 4) ** 2 + 1.9 - well(0, 0, 1.2) - well(10, 0, 1.25) - well(4.5, 8, 1.3)
  );
}

/** A plane through three solutions with their average and the way from round to round. */
export function lossSurface(points = 25): FigureOf<'surface'> {
  const x = series(points, (index) => -4 + (18 * index) / (points - 1));
  const y = series(points, (index) => -4 + (16 * index) / (points - 1));
  const loss = (h: number, v: number): number =>
    Math.max(0.31, bowl(h, v)) * Math.exp(0.015 * ((h - 5) ** 2 + (v - 3) ** 2));
  return {
    kind: 'surface',
    id: 'surface',
    title: 'Test loss in the plane of three particles of swamp(4), round 5',
    about: 'Distances in the L2 norm of the weights; batch norm re-estimated at every place; 1000 images',
    x: { label: 'Distance from particle 1 towards particle 2', values: x },
    y: { label: 'Distance across', values: y },
    value: { label: 'Loss', unit: 'number', scale: 'linear' },
    values: y.map((v) => x.map((h) => loss(h, v))),
    marks: [
      { label: 'particle 1', x: 0, y: 0, value: loss(0, 0) },
      { label: 'particle 2', x: 10, y: 0, value: loss(10, 0) },
      { label: 'particle 3', x: 4.5, y: 8, value: loss(4.5, 8) },
      { label: 'average', x: 14.5 / 3, y: 8 / 3, value: loss(14.5 / 3, 8 / 3) },
    ],
    paths: [{ label: 'triangle', points: [[0, 0], [10, 0], [4.5, 8], [0, 0]] }], // prettier-ignore
  };
}

/** The same with places where the loss was not finite. */
export function holedSurface(): FigureOf<'surface'> {
  const whole = lossSurface(19);
  return {
    ...whole,
    id: 'holes',
    title: 'Loss with places where it is not finite',
    values: whole.values.map((row, v) =>
      row.map((value, h) => ((h > 14 && v > 13) || (h === 4 && v === 6) ? null : value)),
    ),
  };
}

/** Accuracy against cost: arms × rounds. */
export function fronts(arms: readonly string[] = fiveArms, rounds = 8): FigureOf<'scatter'> {
  return {
    kind: 'scatter',
    id: 'front-inference',
    title: 'Test accuracy against inference cost',
    about: 'Means over 3 seeds; pruned weights are free, ensembles count in full',
    x: { label: 'Inference', unit: 'flops', scale: 'log' },
    y: { label: 'Test accuracy', unit: 'share', scale: 'linear' },
    bars: '95 % interval over 3 seeds',
    better: 'more',
    series: arms.map((arm, index) => ({
      label: arm,
      arm,
      points: series(rounds, (round) => {
        const y = 0.64 + 0.012 * wobble(index + 1) + 0.02 * Math.sin(round / 2) - 0.0035 * round ** 1.5;
        return {
          x:
            40.6e6 *
            (arm.includes('ensemble') ? 2 : 1) *
            0.68 ** round *
            (1 + 0.04 * wobble(7 * index + round)),
          y,
          low: y - 0.004 - 0.002 * Math.abs(wobble(round + index)),
          high: y + 0.004 + 0.002 * Math.abs(wobble(round + index)),
          name: `round ${round}`,
        };
      }),
    })),
  };
}

/** Hessian traces with their error bars. */
export function traces(): FigureOf<'lines'> {
  return {
    kind: 'lines',
    id: 'trace',
    title: 'Hessian trace at the solutions',
    about: 'Hutchinson, 32 Rademacher probes over the alive weights; 2048 training images',
    x: { label: 'Sparsity', unit: 'sparsity', scale: 'log' },
    y: { label: 'Trace', unit: 'number', scale: 'linear' },
    bars: '95 % interval over 32 probes',
    series: ['imp', 'swamp(4)', 'swamp(1)'].map((arm, index) => ({
      label: arm,
      arm,
      points: series(9, (round) => {
        const y = [900, 380, 560][index] ?? 1;
        const at = y * (1 + 0.09 * round + 0.05 * wobble(round + 9 * index));
        return { x: sparsityAt(round), y: at, low: 0.93 * at, high: 1.07 * at, name: `round ${round}` };
      }),
    })),
  };
}

/** A line between two solutions, with a band. */
export function barrierLines(): FigureOf<'lines'> {
  const places = series(25, (index) => index / 24);
  return {
    kind: 'lines',
    id: 'line',
    title: 'Test error on the line between solutions',
    about: '25 places, batch norm re-estimated at each; 3 seeds',
    x: { label: 'Share of the way', unit: 'number', scale: 'linear' },
    y: { label: 'Test error', unit: 'share', scale: 'linear' },
    bars: '95 % interval over 3 seeds',
    series: [
      {
        label: 'rounds 4 and 5 of swamp(4)',
        arm: 'swamp(4)',
        points: places.map((x) => {
          const y = 0.34 + 0.004 * x + 0.003 * Math.sin(Math.PI * x);
          return { x, y, low: y - 0.006, high: y + 0.006 };
        }),
      },
      {
        label: 'two dense networks',
        points: places.map((x) => {
          const y = 0.33 + 0.5 * Math.sin(Math.PI * x) ** 2;
          return {
            x,
            y,
            low: y - 0.02 - 0.02 * Math.sin(Math.PI * x),
            high: y + 0.02 + 0.02 * Math.sin(Math.PI * x),
          };
        }),
      },
    ],
  };
}

/** How often networks are right against how sure they are. */
export function calibration(): FigureOf<'lines'> {
  return {
    kind: 'lines',
    id: 'calibration',
    title: 'Calibration on the test set, round 5',
    about: '15 bins of equal width; empty bins are left out',
    x: { label: 'Confidence', unit: 'share', scale: 'linear' },
    y: { label: 'Accuracy', unit: 'share', scale: 'linear' },
    series: [
      { label: 'perfect', dashed: true, points: [{ x: 0, y: 0 }, { x: 1, y: 1 }] }, // prettier-ignore
      ...['imp', 'swamp(4)'].map((arm, index) => ({
        label: arm,
        arm,
        points: series(13, (bin) => {
          const x = (bin + 2.5) / 15;
          return {
            x,
            y: bin === 1 ? null : Math.min(1, x ** (1.35 - 0.25 * index)),
            name: `${40 + 90 * bin} images`,
          };
        }),
      })),
    ],
  };
}

const corruptionNames =
  'gaussian noise,shot noise,impulse noise,defocus blur,glass blur,motion blur,zoom blur,snow,frost,fog,brightness,contrast,elastic transform,pixelate,jpeg compression'.split(
    ',',
  );

/** Accuracy under each corruption. */
export function corruptions(arms: readonly string[] = fiveArms.slice(0, 4)): FigureOf<'bars'> {
  const values = (arm: number): number[] =>
    corruptionNames.map(
      (_, index) => 0.42 + 0.17 * wobble(index + 3) + 0.02 * arm + 0.008 * wobble(arm * 31 + index),
    );
  return {
    kind: 'bars',
    id: 'corruptions',
    title: 'Test accuracy under the 15 corruptions of CIFAR-10-C',
    about: 'Mean of severities 1 to 5; 10,000 images each',
    y: { label: 'Test accuracy', unit: 'share', scale: 'linear' },
    bars: '95 % interval over 3 seeds',
    categories: corruptionNames,
    series: arms.map((arm, index) => ({
      label: arm,
      arm,
      values: values(index),
      low: values(index).map((value) => value - 0.011),
      high: values(index).map((value) => value + 0.011),
    })),
  };
}

/** Gains over a baseline, of which some are negative and one is missing. */
export function gains(): FigureOf<'bars'> {
  return {
    kind: 'bars',
    id: 'gains',
    title: 'Gain over imp',
    y: { label: 'Difference of test accuracy', unit: 'points', scale: 'linear' },
    bars: '95 % interval over 3 seeds',
    categories: ['64 %', '78 %', '87 %', '92 %'],
    series: [
      { label: 'swamp(4)', arm: 'swamp(4)', values: [0.015, 0.017, null, -0.004], low: [0.01, 0.009, null, -0.011], high: [0.02, 0.025, null, 0.003] }, // prettier-ignore
      { label: 'swamp(1)', arm: 'swamp(1)', values: [0.004, -0.002, 0.001, 0.006] },
    ],
  };
}

/** More arms than colours. */
export const manyArms: readonly string[] = series(23, (index) =>
  index === 0 ? 'imp' : index < 12 ? `swamp(${index})` : `rigl+swamp(${index}; swa 0.${index})`,
);

export function manyLines(): FigureOf<'lines'> {
  return {
    kind: 'lines',
    id: 'many',
    title: 'Test accuracy of 23 arms',
    x: { label: 'Sparsity', unit: 'sparsity', scale: 'log' },
    y: { label: 'Test accuracy', unit: 'share', scale: 'linear' },
    series: manyArms.map((arm, index) => ({
      label: arm,
      arm,
      points: series(10, (round) => ({
        x: sparsityAt(round),
        y: 0.6 + 0.004 * index - 0.004 * round + 0.004 * wobble(index + 23 * round),
      })),
    })),
  };
}

/** Numbers over many powers of ten, and zeros, on logarithmic axes. */
export function hugeAndTiny(): FigureOf<'scatter'> {
  return {
    kind: 'scatter',
    id: 'huge',
    title: 'Numbers over many powers of ten',
    x: { label: 'Training', unit: 'flops', scale: 'log' },
    y: { label: 'Value', unit: 'number', scale: 'log' },
    series: [
      { label: 'small', points: [{ x: 0, y: 1e-9 }, { x: 12, y: 3.2e-7 }, { x: 4e4, y: 0 }, { x: 5e6, y: 2e-3 }] }, // prettier-ignore
      { label: 'large', points: [{ x: 3e9, y: 7 }, { x: 8e12, y: 4.5e6 }, { x: 9e15, y: null }, { x: 2e16, y: 3e12 }] }, // prettier-ignore
    ],
  };
}

/** One point, and nothing else. */
export function onePoint(): FigureOf<'lines'> {
  return {
    kind: 'lines',
    id: 'one',
    title: 'One round only',
    x: { label: 'Sparsity', unit: 'sparsity', scale: 'log' },
    y: { label: 'Test accuracy', unit: 'share', scale: 'linear' },
    series: [{ label: 'swamp(4)', arm: 'swamp(4)', points: [{ x: 0.36, y: 0.651 }] }],
  };
}

/** Every value the same. */
export function levelHeat(): FigureOf<'heat'> {
  return {
    kind: 'heat',
    id: 'level',
    title: 'Density of layers over rounds',
    rows: { label: 'Layer', names: ['conv1', 'stage1.block1.conv1', 'stage1.block1.conv2', 'classifier'] },
    columns: { label: 'Sparsity', names: ['dense', '36 %', '59 %', '73.8 %', '83.2 %', '89.3 %'] },
    value: { label: 'Weights left', unit: 'share', scale: 'linear' },
    values: series(4, () => series(6, () => 1)),
  };
}

/** Layers × rounds, over powers of ten. */
export function densityHeat(layers = 20, rounds = 12): FigureOf<'heat'> {
  return {
    ...levelHeat(),
    id: 'density',
    title: 'Density of layers over rounds of swamp(4)',
    rows: {
      label: 'Layer',
      names: series(
        layers,
        (layer) => `stage${1 + Math.floor(layer / 7)}.block${1 + (layer % 7)}.conv${1 + (layer % 2)}`,
      ),
    },
    columns: {
      label: 'Sparsity',
      names: series(rounds, (round) => `${(100 * (1 - 0.8 ** round)).toFixed(1)} %`),
    },
    value: { label: 'Weights left', unit: 'share', scale: 'log' },
    values: series(layers, (layer) =>
      series(
        rounds,
        (round) =>
          0.8 ** round * (1 - 0.03 * layer * (round / rounds)) +
          0.01 * wobble(layer + round) * (round > 0 ? 1 : 0),
      ),
    ),
  };
}

/** Overlap of masks between the arms of a large comparison. */
export function overlapHeat(): FigureOf<'heat'> {
  return {
    kind: 'heat',
    id: 'overlap',
    title: 'Overlap of masks between arms, round 8',
    about: 'Jaccard index of the weights left',
    rows: { label: 'Arm', names: [...manyArms] },
    columns: { label: 'Arm', names: [...manyArms] },
    value: { label: 'Overlap', unit: 'share', scale: 'linear' },
    range: { from: 0, to: 1 },
    values: manyArms.map((_, a) =>
      manyArms.map((_arm, b) =>
        a === b ? 1 : a === 7 || b === 7 ? null : 0.55 + 0.25 * Math.cos((a - b) / 5) + 0.04 * wobble(a + b),
      ),
    ),
  };
}

export function costTable(): FigureOf<'table'> {
  return {
    kind: 'table',
    id: 'cost',
    title: 'What the networks cost, round 8',
    columns: [
      { label: 'arm', unit: null },
      { label: 'inference', unit: 'flops' },
      { label: 'file', unit: 'bytes' },
      { label: 'latency', unit: 'ms' },
      { label: 'accuracy', unit: 'share' },
    ],
    rows: [
      ['imp', 1_234_567, 45_000, 0.81, 0.6123],
      ['swamp(4)', 1_250_000, 45_210, 0.8, 0.6345],
      ['=cmd|"evil", yes', 2_500_000, null, null, 0.65],
    ],
  };
}

export const collinear: FigureOf<'words'> = {
  kind: 'words',
  id: 'surface-2',
  title: 'Loss in the plane of three rounds',
  text: 'The three solutions lie on one line, so that there is no plane through them.',
  hint: 'Choose three that differ: two of them are the same network.',
};

export const figureFixtures: readonly Figure[] = [
  connectivityHeat(),
  lossSurface(),
  holedSurface(),
  fronts(),
  traces(),
  barrierLines(),
  calibration(),
  corruptions(),
  gains(),
  manyLines(),
  hugeAndTiny(),
  onePoint(),
  levelHeat(),
  densityHeat(),
  overlapHeat(),
  costTable(),
  collinear,
];

export const findingsFixture: Findings = {
  figures: [...figureFixtures],
  claims: [
    { text: 'No barrier between successive rounds of swamp(4)', verdict: 'shown', unit: 'points', value: 0.002, low: -0.001, high: 0.005, interval: 'below 1 point; 95 % interval over 3 seeds' }, // prettier-ignore
    { text: 'swamp(4) has a lower Hessian trace than imp', verdict: 'refuted', unit: 'number', value: 41.2, low: 12.25, high: 70.15, interval: '95 % interval over 3 seeds' }, // prettier-ignore
    { text: 'swamp(8) above swamp(4)', verdict: 'open', unit: 'points', value: 0.004, low: null, high: null, interval: 'one seed: no interval' }, // prettier-ignore
  ],
  notes: ['Measured on 2000 test images of cifar10-small.', 'Batch norm was re-estimated at every place.'],
};
