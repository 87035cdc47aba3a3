import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Findings } from '../src-main/contract/figures.ts';
import { analyses } from '../src-main/experiment/analyses/registry.ts';
import { makeFolder, removeFolder, resultsOf, swamp } from './cli.ts';

/** Two rounds, trainings of a moment. */
const settings = {
  name: 'tiny',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 1, batch: 128, learningRate: 0.05 },
  ticket: { iterations: 30 },
  swa: { start: 0.4, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.8, rounds: 1 },
  arms: ['imp', { kind: 'swamp', particles: 1 }, { kind: 'swamp', particles: 2 }],
  threads: 1,
  // A job that is killed by more of them in turn would be given up.
  workers: 2,
};

/** Its id. */
let tiny = '';

/** What each kind looks at of EXPERIMENT, with options that make it quick. */
const cases: Readonly<
  Record<string, { readonly runs: readonly string[]; readonly set?: readonly string[] }>
> = {
  connectivity: { runs: ['EXPERIMENT'], set: ['points=5', 'testImages=200', 'trainingImages=200'] },
  surface: {
    runs: ['EXPERIMENT/swamp-2/1@1:0', 'EXPERIMENT/swamp-2/1@1:1', 'EXPERIMENT/imp/1@1'],
    set: ['size=5', 'testImages=100', 'trainingImages=100'],
  },
  flatness: { runs: ['EXPERIMENT'], set: ['images=200', 'probes=4', 'eigenvalues=2'] },
  transfer: { runs: ['EXPERIMENT/imp/1', 'EXPERIMENT/swamp-2/1'] },
  masks: { runs: ['EXPERIMENT'] },
  cost: { runs: ['EXPERIMENT'] },
  robustness: { runs: ['EXPERIMENT'], set: ['images=20'] },
  calibration: { runs: ['EXPERIMENT'] },
  particles: { runs: ['EXPERIMENT/swamp-2'] },
  growth: { runs: ['EXPERIMENT'] },
};

/** In the middle of what jobs do again and again. */
const crashes = ['worker:judged:2', 'worker:product:3', 'worker:training-step:25'];
/** Have such a middle. */
const long = ['connectivity', 'surface', 'flatness', 'transfer', 'robustness'];
/** Times differ from run to run. */
const measured = ['cost'];

const folder = makeFolder();
const undisturbed = join(folder, 'undisturbed');
const disturbed = join(folder, 'disturbed');

interface Told {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: Findings;
  readonly folder: string;
}

beforeAll(async () => {
  const zip = readFileSync(fileURLToPath(new URL('fixtures/library-v1.zip', import.meta.url)));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(undisturbed, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const file = join(folder, 'tiny.json');
  writeFileSync(file, JSON.stringify(settings));
  const { code, stdout, stderr } = await swamp(['run', file, '--json', '--library', undisturbed]);
  expect(code, stderr).toBe(0);
  tiny = (JSON.parse(stdout) as { experiment: string }).experiment;
  cpSync(undisturbed, disturbed, { recursive: true });
}, 120_000);
afterAll(() => removeFolder(folder));

async function analyze(kind: string, library: string, env = {}): Promise<Told> {
  const { runs, set = [] } = cases[kind] ?? { runs: [] };
  const named = runs.map((run) => run.replace('EXPERIMENT', tiny));
  const args = ['analyze', kind, ...named, ...set.flatMap((each) => ['--set', each])];
  const { code, stdout, stderr } = await swamp([...args, '--json', '--library', library], { env });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Told;
}

test('every analysis is tried', () => {
  expect(Object.keys(cases).sort()).toEqual([...analyses.keys()].sort());
});

test.each(Object.keys(cases))(
  '%s tells of stored runs; killed in the middle it ends with the same bits; asked for again nothing is computed',
  async (kind) => {
    const told = await analyze(kind, undisturbed);
    expect(told).toMatchObject({ state: 'done', counts: { waiting: 0, failed: 0 } });
    expect(told.id).toMatch(new RegExp(`^tiny-${kind}-[0-9a-f]{4}$`));
    const { figures } = told.findings;
    expect(figures.length).toBeGreaterThan(0);
    expect(figures.filter((figure) => figure.kind === 'words')).toEqual([]);
    const files = readdirSync(told.folder);
    for (const { id } of figures)
      expect(files.filter((file) => file.startsWith(id)).length).toBeGreaterThan(0);

    const before = Object.keys(resultsOf(undisturbed)).length;
    expect(await analyze(kind, undisturbed)).toEqual(told);
    expect(Object.keys(resultsOf(undisturbed))).toHaveLength(before);

    const mark = join(folder, `${kind}.mark`);
    const env = { SWAMP_CRASH_AT: crashes.join(), SWAMP_CRASH_MARK: mark, SWAMP_CHECKPOINT_SECONDS: '0.01' };
    const again = await analyze(kind, disturbed, env);
    if (long.includes(kind)) expect(existsSync(mark)).toBe(true);
    if (measured.includes(kind)) return;
    expect(again.findings).toEqual(told.findings);
    const expected = resultsOf(undisturbed);
    for (const [key, result] of Object.entries(resultsOf(disturbed))) expect(result).toEqual(expected[key]);
  },
  300_000,
);

test('what cannot be is said, and nothing is stored', async () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr, stdout } = await swamp(['analyze', ...args, '--library', undisturbed]);
    expect([code, stdout]).toEqual([2, '']);
    return stderr;
  };
  const before = await swamp(['list', '--analyses', '--json', '--library', undisturbed]);
  expect(await refused('magic', tiny)).toMatch('magic is no kind of analysis, and no stored one');
  expect(await refused('connectivity')).toMatch('connectivity looks at runs');
  expect(await refused('connectivity', `${tiny}/imp/1@9`)).toMatch('has no round 9');
  expect(await refused('connectivity', tiny, '--set', 'points=2')).toMatch('analysis.points: ');
  expect(await refused('connectivity', 'half-d5cb')).toMatch('`swamp resume half-d5cb` finishes them');
  expect(await refused('growth', `${tiny}/imp/1`)).toMatch('growth looks at 2 to');
  const after = await swamp(['list', '--analyses', '--json', '--library', undisturbed]);
  expect(after.stdout).toBe(before.stdout);
  const listed = JSON.parse(after.stdout) as { experiments: { id: string }[] };
  expect(listed.experiments.length).toBeGreaterThanOrEqual(Object.keys(cases).length);
  const { stdout } = await swamp(['list', '--json', '--library', undisturbed]);
  expect((JSON.parse(stdout) as typeof listed).experiments.map(({ id }) => id)).toEqual([
    tiny,
    'half-d5cb',
    'small-f750',
  ]);
});
