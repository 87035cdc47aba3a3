import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NamedSpec } from '../contract/recipe.ts';
import { loadDataset } from '../datasets/registry.ts';
import { describeModel, modelLayout, openModel } from '../models/registry.ts';
import { scoreWeights } from '../pruning/criteria/registry.ts';
import { absoluteOwn, readOwn, verifyOwn, type OwnChoice } from './own.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swamp-own-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const read = (thing: 'model' | 'dataset' | 'criterion', kind: string): OwnChoice => {
  const choice = readOwn(thing, { kind }, folder);
  if (!choice) throw new Error(`${kind} is no file`);
  return choice;
};

/** As a stored experiment has it. */
const stored = ({ entry, source }: OwnChoice, options: Record<string, unknown> = {}): NamedSpec => ({
  kind: entry.kind,
  ...options,
  own: { ...source, title: 'T' },
});

const model = (members: string, before = ''): string =>
  `${before}export default {\n  kind: 'mine',\n  ${members}\n};\n`;
const FORWARD =
  "forward(net, images, options, classes) {\n    return net.dense('out', net.flatten(images), { units: classes, classifier: true });\n  },";

describe('a model file', () => {
  it('is described as a built-in one is, with its options and their defaults', () => {
    const path = write(
      'net.ts',
      `import { z } from 'zod';
import { defineModel } from 'swamp-studio';
const Options = z.strictObject({ kind: z.literal('mine'), hidden: z.number().int().min(2).default(7) });
export default defineModel<{ hidden: number }>({
  kind: 'mine',
  schema: Options,
  title: ({ hidden }): string => \`Mine-\${hidden}\`,
  forward(net, images, { hidden }, classes) {
    const x = net.relu(net.dense('first', net.flatten(images), { units: hidden }));
    return net.dense('classifier', x, { units: classes, classifier: true });
  },
});`,
    );
    const choice = read('model', path);
    const spec = stored(choice, { hidden: 5 });
    expect(openModel(spec).title).toBe('Mine-5');
    expect(modelLayout(spec, [4, 4, 1], 3, true).total).toBe(16 * 5 + 5 + 5 * 3 + 3);
    expect(modelLayout(stored(choice), [4, 4, 1], 3, true).total).toBe(16 * 7 + 7 + 7 * 3 + 3);
    expect(() => openModel(stored(choice, { hidden: 1 }))).toThrow(/model\.hidden.*given: 1/);
    expect(() => openModel(stored(choice, { hiden: 5 }))).toThrow(/hiden/);
  });

  it('takes options from plain defaults, each of its type', () => {
    write('net.mjs', model(`options: { width: 3, names: ['a'], flag: true },\n  ${FORWARD}`));
    const choice = read('model', './net.mjs');
    expect(choice.entry.schema.parse({ kind: 'mine' })).toEqual({
      kind: 'mine',
      width: 3,
      names: ['a'],
      flag: true,
    });
    expect(() => openModel(stored(choice, { width: 'wide' }))).toThrow(/model\.width/);
    expect(() => openModel(stored(choice, { names: [1] }))).toThrow(/names/);
    expect(openModel(stored(choice)).title).toBe('mine');
  });
});

describe('the digest', () => {
  const HELPER = 'export const UNITS: number = 4;\n';
  const USES = `import { UNITS } from './lib/helper.ts';\nimport list from './lib/list.json' with { type: 'json' };\n`;

  it('is of the file and of what it imports, wherever they lie', () => {
    write('a/net.ts', model(FORWARD, USES));
    write('a/lib/helper.ts', HELPER);
    write('a/lib/list.json', '[1]');
    const first = read('model', 'a/net.ts').source;
    expect(first.imports).toEqual(['lib/helper.ts', 'lib/list.json']);
    renameSync(join(folder, 'a/net.ts'), join(folder, 'a/renamed.ts'));
    cpSync(join(folder, 'a'), join(folder, 'b'), { recursive: true });
    expect(read('model', 'b/renamed.ts').source.digest).toBe(first.digest);
    for (const [name, text] of [
      ['lib/list.json', '[2]'],
      ['lib/helper.ts', HELPER + '//'],
      ['renamed.ts', model(FORWARD, USES + '//\n')],
    ] as const) {
      const before = read('model', 'b/renamed.ts').source.digest;
      write(`b/${name}`, text);
      expect(read('model', 'b/renamed.ts').source.digest).not.toBe(before);
    }
  });

  it('lets an edited file run as it is now, in the same process', () => {
    write(
      'net.ts',
      model(FORWARD, "import { UNITS } from './helper.ts';\n").replace(
        'units: classes',
        'units: classes + UNITS - UNITS',
      ),
    );
    write('helper.ts', 'export const UNITS = 0;\n');
    const before = read('model', 'net.ts');
    write('helper.ts', "export const UNITS = 0;\nexport const other = 'x';\n");
    const after = read('model', 'net.ts');
    expect(after.entry).not.toBe(before.entry);
    expect(read('model', 'net.ts').entry).toBe(after.entry);
  });

  it('must be what was planned; code that is not does not run', () => {
    const ran = join(folder, 'ran');
    const mark = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\n`;
    write('net.ts', model(FORWARD));
    const spec = stored(read('model', 'net.ts'));
    const config = { model: spec, dataset: { kind: 'digits' }, criterion: { kind: 'magnitude' } };
    verifyOwn(config);
    write('net.ts', model(FORWARD, mark));
    // Another process would ask for the planned digest; this one has what it stands for.
    const planned = { ...spec, own: { ...(spec['own'] as object), digest: 'f'.repeat(64) } };
    for (const act of [
      () => verifyOwn({ ...config, model: planned }),
      () => openModel(planned),
      () => readOwn('model', planned, folder),
    ]) {
      expect(act).toThrow(/net\.ts changed since the experiment was planned.*planned ffffffffffff/);
    }
    expect(existsSync(ran)).toBe(false);
    rmSync(join(folder, 'net.ts'));
    expect(() => verifyOwn(config)).toThrow(/there is no file .*net\.ts/);
  });
});

describe('what is wrong with a file', () => {
  const says = (text: string, message: RegExp, hint: RegExp = /extending\.md/): void => {
    write('bad.ts', text);
    let error: unknown;
    try {
      const choice = read('model', 'bad.ts');
      describeModel(stored(choice), [4, 4, 1], 3);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  };

  it.each([
    ['a syntax error', 'const a = 1;\nexport default {{;\n', /bad\.ts:2: SyntaxError/],
    ['a throw', 'const a = 1;\n\nthrow new Error("no luck");\n', /bad\.ts:3: Error: no luck/],
    ['no default export', 'export const a = 1;\n', /no default export/],
    ['a function as export', 'const f = () => 1;\nexport default f;\n', /bad\.ts:2: .*must be an object/],
    ['no kind', 'export default { forward() {} };\n', /kind must be a name.*missing/],
    [
      'a kind of ours',
      model(FORWARD).replace('mine', 'resnet'),
      /bad\.ts:2: kind "resnet" is that of a model of/,
    ],
    ['no forward', model('options: {},'), /forward must be a function.*missing/],
    [
      'a wrong shape',
      model('forward(net, images) {\n    return net.flatten(images);\n  },'),
      /bad\.ts:3: forward returned \[batch, 16\] for images of \[batch, 4, 4, 1\]; expected logits \[batch, 3\]/,
    ],
    ['nothing returned', model('forward() {},'), /bad\.ts:3: forward must return .* missing/],
    [
      'a layer that does not fit',
      model(
        "forward(net, x) {\n    return net.conv2d('c', x, { filters: 1, size: 9, stride: 1, padding: 0 });\n  },",
      ),
      /bad\.ts:4: Error: c: a 9×9 kernel does not fit/,
    ],
    [
      'options that are no defaults',
      model(`options: { a: null },\n  ${FORWARD}`),
      /bad\.ts:3: options\.a is null/,
    ],
    [
      'a schema without kind',
      model(`schema: z.strictObject({ a: z.number() }),\n  ${FORWARD}`, "import { z } from 'zod';\n"),
      /bad\.ts:4: schema must have the key kind/,
    ],
    [
      'wrong defaults',
      model(`defaults: { recipe: { learningRate: 'fast' } },\n  ${FORWARD}`),
      /bad\.ts:3: defaults\.recipe\.learningRate/,
    ],
    ['a title that is none', model(`title: 7,\n  ${FORWARD}`), /bad\.ts:3: title must be text/],
  ])('%s', (_what, text, message) => says(text, message));

  it('says what Node does not run', () => {
    says('enum A { B }\nexport default A;\n', /bad\.ts:1: .*enum/, /Node takes the types out/);
    says('const x = await 3;\nexport default x;\n', /awaits something/, /function/);
    says(
      "import { a } from './gone.ts';\nexport default a;\n",
      /there is no file|Cannot find.*gone\.ts/,
      /ending|path/,
    );
  });

  it('says that a name is none of code', () => {
    write('net.py', '');
    expect(() => read('model', './net.py')).toThrow(/net\.py is no TypeScript/);
    expect(() => read('model', './gone.ts')).toThrow(/there is no file .*gone\.ts/);
  });
});

describe('a data set file', () => {
  const dataset = (load: string): string =>
    `export default {\n  kind: 'dots',\n  title: 'Dots',\n  location: ['path'],\n  options: { path: '' },\n  ${load}\n};\n`;
  const set = (images: number, labels: string): string =>
    `{ count: 3, images: new Uint8Array(${images}), labels: Uint8Array.from(${labels}) }`;
  const loads = async (body: string): Promise<unknown> => {
    write('data.ts', dataset(`async load() {\n    return ${body};\n  },`));
    return await loadDataset(stored(read('dataset', 'data.ts')));
  };
  const GOOD = `shape: [2, 2, 1], classes: ['a', 'b'], test: ${set(12, '[0, 1, 0]')}`;

  it('is loaded into shared memory, normalised, and digested by what it holds', async () => {
    const first = await loads(`{ ${GOOD}, train: ${set(12, '[0, 1, 0]')} }`);
    expect(first).toMatchObject({ title: 'Dots', normalisation: { mean: [0], deviation: [1] } });
    expect((first as { train: { images: Uint8Array } }).train.images.buffer).toBeInstanceOf(
      SharedArrayBuffer,
    );
    const other = await loads(`{ ${GOOD}, train: ${set(12, '[0, 1, 1]')} }`);
    expect((other as { digest: string }).digest).not.toBe((first as { digest: string }).digest);
    expect(read('dataset', 'data.ts').source.location).toEqual(['path']);
  });

  it.each([
    ['7', /load must give .* not 7/],
    [
      `{ ${GOOD}, train: ${set(11, '[0, 1, 0]')} }`,
      /data\.ts:6: train\.images has 11 bytes; 3 images of 2×2×1 are 12/,
    ],
    [
      `{ ${GOOD}, train: ${set(12, '[0, 1]')} }`,
      /data\.ts:6: train\.labels has 2 entries; there are 3 images/,
    ],
    [
      `{ ${GOOD}, train: ${set(12, '[0, 1, 2]')} }`,
      /train\.labels\[2\] is 2; with 2 classes labels go from 0 to 1/,
    ],
    [`{ ${GOOD} }`, /train must be .* missing/],
    [`{ shape: [2, 2], classes: ['a', 'b'] }`, /shape must be \[height, width, channels\], not \[2,2\]/],
    [
      `{ ${GOOD}, train: ${set(12, '[0, 1, 0]')}, normalisation: { mean: [0], deviation: [0] } }`,
      /normalisation must be/,
    ],
    ['[].x.y', /data\.ts:7: TypeError/],
  ])('%s is refused', async (body, message) => {
    await expect(loads(body)).rejects.toThrow(message);
  });
});

it('refuses to import what no digest would know of', async () => {
  write('late.ts', 'export const shape = [1, 1, 1];\n');
  write(
    'data.ts',
    "export default {\n  kind: 'late',\n  async load() {\n    return await import('./late.ts');\n  },\n};\n",
  );
  const spec = stored(read('dataset', 'data.ts'));
  await expect(loadDataset(spec)).rejects.toThrow(/data\.ts imports \.\/late\.ts while it runs/);
});

describe('a criterion file', () => {
  const layout = modelLayout({ kind: 'lenet', hidden: [2] }, [2, 2, 1], 2, true);
  const weights = Float32Array.from({ length: layout.total }, (_, index) => index - 5);
  const score = (body: string): Float32Array => {
    write(
      'own.ts',
      `export default {\n  kind: 'odd',\n  options: { power: 2 },\n  score({ power }, { weights, layout }) {\n    ${body}\n  },\n};\n`,
    );
    return scoreWeights(stored(read('criterion', 'own.ts'), { power: 3 }), { weights, layout });
  };

  it('scores with its options, and cannot touch the weights', () => {
    const before = weights.slice();
    expect(score('weights.fill(1); return weights.map((w) => w * power);')).toEqual(weights.map(() => 3));
    expect(weights).toEqual(before);
  });

  it.each([
    ['return weights.map(() => NaN);', /own\.ts:4: the score of element 0 of classifier\/bias is NaN/],
    ['return weights.subarray(1);', /own\.ts:4: score gave \d+ scores; the layout has \d+ elements/],
    ['return [...weights];', /score must give a Float32Array, not a list/],
    ['return weights.x.y;', /own\.ts:5: TypeError/],
  ])('%s is refused', (body, message) => {
    expect(() => score(body)).toThrow(message);
  });
});

it('makes paths of code absolute, from a folder, and nothing else', () => {
  const raw = {
    model: './net.ts',
    dataset: { kind: 'data.mjs', n: 1 },
    criterion: 'magnitude',
    name: './x.ts',
  };
  expect(absoluteOwn(raw, '/exp')).toEqual({
    model: '/exp/net.ts',
    dataset: { kind: '/exp/data.mjs', n: 1 },
    criterion: 'magnitude',
    name: './x.ts',
  });
  const sweep = { model: ['lenet', './net.ts', { kind: ['./a.ts', 'resnet'] }] };
  expect(absoluteOwn(sweep, '/exp')).toEqual({
    model: ['lenet', '/exp/net.ts', { kind: ['/exp/a.ts', 'resnet'] }],
  });
});

it('runs the examples', async () => {
  const example = (name: string): string =>
    fileURLToPath(new URL(`../../resources/examples/${name}`, import.meta.url));
  const images = await loadDataset(stored(read('dataset', example('my-dataset.ts')), { images: 40 }));
  expect(images.train.count).toBe(40);
  const net = stored(read('model', example('my-model.ts')));
  const layout = modelLayout(net, images.shape, images.classes.length, false);
  const weights = Float32Array.from({ length: layout.total }, (_, index) => Math.sin(index));
  const criterion = read('criterion', example('my-criterion.ts'));
  const plain = scoreWeights(stored(criterion, { strength: 0 }), { weights, layout });
  expect(plain).toEqual(weights.map(Math.abs));
  const relative = scoreWeights(stored(criterion), { weights, layout });
  const [first] = layout.parameters;
  const { offset, size } = first ?? { offset: 0, size: 0 };
  expect(relative.subarray(offset, offset + size).reduce((sum, each) => sum + each, 0) / size).toBeCloseTo(
    1,
    5,
  );
});
