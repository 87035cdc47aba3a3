import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '../../src-main/checkpoint/safetensors.ts';
import { tensorNamed } from '../../src-main/checkpoint/tensor.ts';
import { corruptImages } from '../../src-main/datasets/corruptions/corrupt.ts';
import { SEVERITIES, type Severity, type Shape } from '../../src-main/datasets/corruptions/corruption.ts';
import { FROST_SIDE, FROSTS, frostTexture } from '../../src-main/datasets/corruptions/frost-texture.ts';
import { corruptions } from '../../src-main/datasets/corruptions/registry.ts';

// Corrupts what corruptions_reference.py corrupted, and compares. Usage: node corruptions.ts FOLDER, before with
// --textures, which writes what the reference needs. Prints a Markdown table; exits with 1 where a bound is broken.

/** Largest difference in grey levels, and share of values that differ at all: cut off instead of rounded, values next to a whole number fall either way. */
const LEVELS = 1;
const SHARE = 0.03;
/** What chance adds: mean and standard deviation in grey levels, relative to the latter; and correlation of neighbours. */
const SPREAD = 0.08;
const CORRELATION = 0.05;

interface Reference {
  readonly versions: string;
  readonly images: number;
  readonly many: number;
  readonly cifar: boolean;
  /** By name: mean, standard deviation and correlation of neighbours of what is added. */
  readonly added: Readonly<Record<string, readonly [number, number, number]>>;
}

const [folder = '.', mode] = process.argv.slice(2);
const failures: string[] = [];

function writeTextures(): void {
  const textures = Array.from({ length: FROSTS }, (_, index) => [...frostTexture(index)]).flat();
  const shape = [FROSTS, FROST_SIDE, FROST_SIDE, 3];
  const tensor = { dtype: 'F64', shape, data: Float64Array.from(textures) } as const;
  writeSafetensors(join(folder, 'frost.safetensors'), new Map([['textures', tensor]]));
}

function check(what: string, value: number, bound: number): void {
  if (!(value <= bound)) failures.push(`${what}: ${value} is above ${bound}`);
}

/** Largest difference, and share of values that differ. */
function apart(made: Uint8Array, wanted: Uint8Array): { levels: number; share: number } {
  let levels = 0;
  let differ = 0;
  for (const [i, byte] of wanted.entries()) {
    const distance = Math.abs((made[i] ?? NaN) - byte);
    levels = Math.max(levels, distance);
    if (distance > 0) differ++;
  }
  return { levels, share: differ / wanted.length };
}

/** Mean, standard deviation and correlation of neighbours of what is added to images. */
function addedTo(images: Uint8Array, made: Uint8Array, [, width, channels]: Shape): [number, number, number] {
  const added = Float64Array.from(images, (byte, i) => (made[i] as number) - byte);
  const mean = added.reduce((sum, value) => sum + value, 0) / added.length;
  const variance = added.reduce((sum, value) => sum + (value - mean) ** 2, 0) / added.length;
  let product = 0;
  let pairs = 0;
  for (let i = channels; i < added.length; i++) {
    if (Math.floor(i / channels) % width === 0) continue;
    product += ((added[i] as number) - mean) * ((added[i - channels] as number) - mean);
    pairs++;
  }
  return [mean, Math.sqrt(variance), product / pairs / variance];
}

async function compare(): Promise<void> {
  const reference = JSON.parse(readFileSync(join(folder, 'corruptions.json'), 'utf8')) as Reference;
  const { tensors } = readSafetensors(join(folder, 'corruptions.safetensors'));
  const some = tensorNamed(tensors, 'images', 'U8', folder);
  const many = tensorNamed(tensors, 'many', 'U8', folder);
  const [, height = 0, width = 0, channels = 0] = some.shape;
  const shape: Shape = [height, width, channels];

  const pixels = async (kind: string, severity: Severity) => {
    const wanted = tensorNamed(tensors, `${kind}-${severity}`, 'U8', folder);
    const made = await corruptImages(some.data, shape, { kind, severity, count: reference.images });
    return apart(made, wanted.data);
  };
  const chance = async (kind: string, severity: Severity): Promise<string> => {
    const theirs = reference.added[`${kind}-${severity}`];
    if (!theirs) return '';
    const made = await corruptImages(many.data, shape, { kind, severity, count: reference.many });
    const ours = addedTo(many.data, made, shape);
    const name = `${kind} ${severity}, by chance`;
    check(`mean of ${name}`, Math.abs(ours[0] - theirs[0]) / theirs[1], SPREAD);
    check(`standard deviation of ${name}`, Math.abs(ours[1] / theirs[1] - 1), SPREAD);
    check(`correlation of ${name}`, Math.abs(ours[2] - theirs[2]), CORRELATION);
    const text = ([mean, deviation, correlation]: readonly number[]): string =>
      `${mean?.toFixed(1)} ± ${deviation?.toFixed(1)}, ${correlation?.toFixed(2)}`;
    return `${text(ours)} | ${text(theirs)}`;
  };

  const lines = [
    `${reference.cifar ? `The first test images of CIFAR-10` : 'Drawn images of 32×32'}; ${reference.versions}.`,
    '',
    '| corruption | values that differ, severity 1 … 5 | largest difference | added at severity 3, by our generator | by NumPy’s |',
    '|---|---|---|---|---|',
  ];
  for (const kind of corruptions.keys()) {
    const found = [];
    let added = ' | ';
    for (const severity of SEVERITIES) {
      const one = await pixels(kind, severity);
      check(`${kind} ${severity}, largest difference`, one.levels, LEVELS);
      check(`${kind} ${severity}, share of values that differ`, one.share, SHARE);
      found.push(one);
      const text = await chance(kind, severity);
      if (severity === 3 && text !== '') added = text;
    }
    const shares = found.map(({ share }) => (share === 0 ? '0' : `${(100 * share).toFixed(2)} %`));
    lines.push(
      `| ${kind} | ${shares.join(', ')} | ${Math.max(...found.map(({ levels }) => levels))} | ${added} |`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

if (mode === '--textures') writeTextures();
else await compare();
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
