import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { idxFile } from '../src-main/datasets/fixtures.ts';
import { jsonLine, Running, swamp, swampJson, temporaryFolder } from './cli.ts';

/** Training on data of one's own, from their files to the table. */

const settings = {
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 2, batch: 10 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
  split: { validation: 0.2 },
  arms: ['imp'],
  workers: 1,
};

/** Bright and dark images, ten of each class, five for testing. */
async function writePets(folder: string): Promise<void> {
  for (const [set, count] of [
    ['train', 10],
    ['test', 5],
  ] as const)
    for (const [label, name] of ['dark cat', 'bright dog'].entries()) {
      mkdirSync(join(folder, set, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const level = 40 + 140 * label + 3 * i;
        const background = { r: level, g: level, b: 200 - level / 2 };
        const image = sharp({ create: { width: 12, height: 9, channels: 3, background } });
        await (i % 2 ? image.jpeg() : image.png()).toFile(
          join(folder, set, name, `${i}.${i % 2 ? 'jpg' : 'png'}`),
        );
      }
    }
}

interface Compared {
  readonly arms: readonly { rounds: readonly { test: { accuracy: number } }[] }[];
}

describe('a folder of images', () => {
  test('is checked, trained on, exported; changed data stop a resumed experiment before it trains', async (context) => {
    const folder = temporaryFolder(context);
    const pets = join(folder, 'pets');
    await writePets(pets);
    const env = { SWAMP_DATA_CACHE: join(folder, 'cache') };
    const options = { env, cwd: folder };
    const elsewhere = { ...options, env: { SWAMP_DATA_CACHE: join(folder, 'other cache') } };
    const file = { ...settings, name: 'pets', dataset: { kind: 'images', path: 'pets', size: [6, 8] } };
    writeFileSync(join(folder, 'pets.json'), JSON.stringify(file));
    const library = ['--library', join(folder, 'library')];

    const checked = await swampJson<{ ok: boolean; images: object; contactSheet: string }>(
      ['data', 'check', 'pets.json', '--contact-sheet', 'sheet.png'],
      options,
    );
    expect(checked.code).toBe(0);
    expect(checked.document).toMatchObject({
      ok: true,
      shape: [6, 8, 3],
      images: { training: 16, validation: 4, test: 10 },
      classes: [{ name: 'bright dog' }, { name: 'dark cat' }],
      duplicates: { test: 10 },
      files: { cached: false },
    });
    expect(statSync(checked.document.contactSheet).size).toBeGreaterThan(500);

    const run = await swampJson<{ experiment: string; state: string }>(
      ['run', 'pets.json', ...library],
      options,
    );
    expect(run.stderr).not.toMatch(/Decoding/); // It was decoded when it was checked.
    expect(run.document.state).toBe('done');
    const { document } = await swampJson<Compared>(['compare', run.document.experiment, ...library], options);
    expect(document.arms[0]?.rounds.at(-1)?.test.accuracy).toBe(1);
    const exported = await swamp(
      ['export', `${run.document.experiment}/imp/1`, '--out', 'net.safetensors', ...library],
      options,
    );
    expect(exported.code).toBe(0);
    const byFolder = await swampJson(['data', 'check', 'pets', '--set', 'dataset.size=[6,8]'], options);
    expect(byFolder.document).toMatchObject({ ok: true, kind: 'images', shape: [6, 8, 3] });

    const again = await swamp(
      ['export', `${run.document.experiment}/imp/1`, '--out', 'net.safetensors', ...library],
      elsewhere,
    );
    expect(again.stderr).toMatch(/Decoding the images in pets/);
    const evaluated = await swamp(['evaluate', 'net.safetensors', '--data', 'pets'], {
      ...options,
      env: { SWAMP_DATA_CACHE: join(folder, 'third cache') },
    });
    expect(evaluated.stderr).toMatch(/Decoding the images in pets/);
    expect(evaluated.stdout).toMatch(/accuracy +100/);

    // Long enough to be stopped; then one image is gone.
    const long = new Running(
      ['run', 'pets.json', '--set', 'recipe.epochs=20000', '--set', 'name=long', ...library],
      options,
    );
    await long.says(/Experiment long/);
    long.interrupt();
    expect((await long.ended).code).toBe(130);
    rmSync(join(pets, 'train', 'dark cat', '3.jpg'));
    const resumed = await swamp(['resume', '--json', ...library], options);
    expect(resumed.code).toBe(2);
    const { error } = jsonLine<{ error: { message: string; hint: string } }>(resumed);
    expect(error.message).toMatch(
      /the data are not those that long-\w+ was made with: then Images in pets \(20 training images, 6×8\), digest \w{12}; now Images in pets \(19 training/,
    );
    expect(error.hint).toContain('Put the files back');
  });

  test('with broken files is refused by a run, told by a check, and trained on when they are skipped', async (context) => {
    const folder = temporaryFolder(context);
    const pets = join(folder, 'my pets');
    await writePets(pets);
    writeFileSync(join(pets, 'train', 'dark cat', 'half.png'), 'nothing');
    // No cache can be written: each worker decodes for itself, beside TensorFlow.
    writeFileSync(join(folder, 'cache'), '');
    const options = { env: { SWAMP_DATA_CACHE: join(folder, 'cache') }, cwd: folder };
    const check = ['data', 'check', 'images:my pets', '--set', 'dataset.size=8'];
    const told = await swampJson<{ ok: boolean }>(check, options);
    expect(told.code).toBe(2);
    expect(told.document).toMatchObject({
      ok: false,
      files: {
        broken: [{ file: 'train/dark cat/half.png', reason: 'it is no JPEG, PNG, WebP or GIF inside' }],
      },
    });
    expect((await swamp([...check, '--set', 'dataset.broken=skip'], options)).code).toBe(0);

    const dataset = { kind: 'images', path: 'my pets', size: 8, channels: 1 };
    writeFileSync(join(folder, 'pets.json'), JSON.stringify({ ...settings, name: 'pets', dataset }));
    const run = ['run', 'pets.json', '--library', join(folder, 'library')];
    const refused = await swamp(run, options);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /1 of 31 images in my pets cannot be read:\n {2}train\/dark cat\/half\.png/,
    );
    const done = await swampJson<{ state: string }>([...run, '--set', 'dataset.broken=skip'], options);
    expect(done.document.state).toBe('done');
  });
});

test("files in MNIST's format are trained on", async (context) => {
  const folder = temporaryFolder(context);
  const data = join(folder, 'bars');
  mkdirSync(data);
  // Upright and lying bars of 5×5 pixels.
  const image = (label: number, at: number): number[] =>
    Array.from({ length: 25 }, (_, i) => ((label === 0 ? i % 5 : Math.floor(i / 5)) === at ? 255 : 0));
  for (const [part, count] of [
    ['train', 40],
    ['t10k', 10],
  ] as const) {
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const pixels = labels.flatMap((label, i) => image(label, (i >> 1) % 5));
    writeFileSync(join(data, `${part}-images-idx3-ubyte.gz`), gzipSync(idxFile([count, 5, 5], pixels)));
    writeFileSync(join(data, `${part}-labels-idx1-ubyte`), idxFile([count], labels));
  }
  const dataset = { kind: 'idx', path: 'bars', names: ['upright', 'lying'] };
  writeFileSync(
    join(folder, 'bars.json'),
    JSON.stringify({ ...settings, name: 'bars', dataset, recipe: { epochs: 30, batch: 8 } }),
  );
  const library = ['--library', join(folder, 'library')];
  const run = await swampJson<{ experiment: string; state: string }>(['run', 'bars.json', ...library], {
    cwd: folder,
  });
  expect(run.document.state).toBe('done');
  const { document } = await swampJson<Compared & { dataset: string }>(
    ['compare', run.document.experiment, ...library],
    { cwd: folder },
  );
  expect(document.dataset).toBe('bars (40 training images, 5×5)');
  expect(document.arms[0]?.rounds[0]?.test.accuracy).toBe(1);
});

test('what data check refuses', async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, 'empty'));
  for (const [args, says] of [
    [['mnist:x'], /no kind of data set "mnist"[^]*cifar100, idx, images/],
    [['digits:x'], /digits:x: digits lies in no folder/],
    [['empty'], /empty: no data set is recognised in this folder/],
    [['images:nowhere'], /nowhere: there is no such folder/],
    [['images'], /no folder of images is given/],
    [['digits', '--set', 'dataset.size=3'], /dataset\.size: unknown key/],
    [
      ['images:x', '--set', 'dataset.fit=crop'],
      /dataset\.fit: "crop" must be "cover" or "contain" or "fill"/,
    ],
    [['digits', '--contact-sheet', 'x.bmp'], /neither a \.png nor a \.html/],
    [['digits', '--contact-sheet', 'no/x.png'], /there is no folder/],
  ] as const) {
    const ended = await swamp(['data', 'check', ...args], { cwd: folder });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(says);
  }
});
