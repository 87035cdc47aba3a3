import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  inLibrary,
  makeFolder,
  removeFolder,
  swamp,
  swampJson,
  temporaryFolder,
  trainingsTried,
} from './cli.ts';

/** A model, a data set and a criterion in files of the user's own, in a folder that has nothing to do with the program. */

const examples = fileURLToPath(new URL('../resources/examples', import.meta.url));

const experiment = {
  name: 'own',
  dataset: { kind: './my-dataset.ts', images: 300, side: 8 },
  model: { kind: './my-model.ts', channels: 2, stages: 1 },
  criterion: { kind: './my-criterion.ts', strength: 0.5 },
  recipe: { epochs: 1, batch: 50 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
  arms: ['imp'],
  threads: 1,
  workers: 1,
};

const folder = makeFolder();
const library = join(folder, 'library');
const home = join(folder, 'home');
let id = '';

interface Done {
  readonly experiment: string;
  readonly files: { readonly card: string };
}

const put = (at: string, changes: object = {}): string => {
  cpSync(examples, at, { recursive: true });
  const file = join(at, 'experiment.json');
  writeFileSync(file, JSON.stringify({ ...experiment, ...changes }));
  return file;
};

beforeAll(async () => {
  const file = put(home);
  const run = await swampJson<Done>(['run', file, '--library', library], { cwd: folder });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('uses ./home/my-model.ts, ./home/my-dataset.ts, ./home/my-criterion.ts');
  id = run.document.experiment;
  const card = readFileSync(run.document.files.card, 'utf8');
  expect(card).toContain('My ConvNet (1 stages from 2 channels)');
  expect(card).toContain('Bars (horizontal');
  expect(card).toMatch(/my-criterion\.ts \(SHA-256 [0-9a-f]{12}\)/);
  expect(card).not.toContain(home);
});
afterAll(() => removeFolder(folder));

describe('results', () => {
  test('are found again when the files moved, and made anew when one is edited', async (context) => {
    const elsewhere = join(temporaryFolder(context), 'moved');
    renameSync(home, elsewhere);
    try {
      const tried = trainingsTried(library);
      const file = join(elsewhere, 'experiment.json');
      const again = await swampJson<Done>(['run', file, '--library', library]);
      expect(again.code, again.stderr).toBe(0);
      expect(trainingsTried(library)).toBe(tried);
      const jobs = inLibrary(library, ({ store }) =>
        store.experiments().map((each) => new Set(store.plan(each.id).jobs.map(({ key }) => key))),
      );
      expect(jobs[0]).toEqual(jobs[1]);
      const model = join(elsewhere, 'my-model.ts');
      writeFileSync(model, readFileSync(model, 'utf8').replace('net.relu(', '(('.slice(1)));
      const edited = await swampJson<{ estimate: { trainingsStored: number } }>([
        'run',
        file,
        '--dry-run',
        '--library',
        library,
      ]);
      expect(edited.code, edited.stderr).toBe(0);
      expect(edited.document.estimate.trainingsStored).toBe(0);
      cpSync(join(examples, 'my-model.ts'), model);
    } finally {
      renameSync(elsewhere, home);
    }
  });

  test('can be looked at without the files, and gone on with only where they are what they were', async () => {
    const model = join(home, 'my-model.ts');
    const text = readFileSync(model, 'utf8');
    const ran = join(folder, 'ran');
    const refused = async (message: RegExp): Promise<void> => {
      const resume = await swamp(['resume', id, '--library', library]);
      expect(resume.code).toBe(2);
      expect(resume.stderr).toMatch(message);
    };
    try {
      writeFileSync(
        model,
        `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\n${text}`,
      );
      await refused(/my-model\.ts changed since the experiment was planned/);
      rmSync(model);
      await refused(/there is no file .*my-model\.ts/);
      for (const command of ['show', 'compare']) {
        const look = await swamp([command, id, '--library', library]);
        expect(look.code, look.stderr).toBe(0);
        expect(look.stdout).toContain('My ConvNet');
      }
      expect(() => readFileSync(ran)).toThrow();
    } finally {
      writeFileSync(model, text);
    }
    const resume = await swamp(['resume', id, '--library', library], { cwd: '/' });
    expect(resume.code, resume.stderr).toBe(0);
  });
});

test('--set takes a path from the folder one is in, and options of the file', async (context) => {
  const here = temporaryFolder(context);
  mkdirSync(join(here, 'code'));
  cpSync(examples, join(here, 'code'), { recursive: true });
  const run = async (...set: string[]): ReturnType<typeof swamp> =>
    await swamp(
      [
        'run',
        'demo',
        '--dry-run',
        '--library',
        join(here, 'library'),
        ...set.flatMap((each) => ['--set', each]),
      ],
      { cwd: here },
    );
  const good = await run(
    'model.kind=code/my-model.ts',
    'model={"kind":"code/my-model.ts","stages":1}',
    'engine=cpu',
  );
  expect(good.code, good.stderr).toBe(0);
  expect(good.stdout).toContain('My ConvNet (1 stages from 8 channels)');
  const bad = await run('model={"kind":"code/my-model.ts","stage":1}');
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('model.stage: unknown key; did you mean "stages"?');
  const gone = await run('model=./my-model.ts');
  expect(gone.code).toBe(2);
  expect(gone.stderr).toContain(`there is no file ${join(here, 'my-model.ts')}`);
});

test('what goes wrong in a worker points into the file', async (context) => {
  const here = temporaryFolder(context);
  const file = put(here);
  const criterion = join(here, 'my-criterion.ts');
  writeFileSync(
    criterion,
    readFileSync(criterion, 'utf8').replace('/ scale', '/ scale - Infinity + Infinity'),
  );
  const run = await swamp(['run', file, '--library', join(here, 'library')]);
  expect(run.code).toBe(5);
  expect(run.stderr).toMatch(/my-criterion\.ts:\d+: the score of element 0 of .* is NaN/);
});
