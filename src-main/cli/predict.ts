import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { WrittenFile } from '../checkpoint/files.ts';
import { predictionFormatOf } from '../checkpoint/predictions/registry.ts';
import { ExitCode } from '../contract/errors.ts';
import type { UseResult } from '../contract/use.ts';
import { requireTop, writePredictions } from '../experiment/predictions.ts';
import type { PreparedUse } from '../experiment/use.ts';
import { bytes, columns, count, percent } from '../report/format.ts';
import { describeUse, networkText, prepare, use, type UseOptions } from './evaluate.ts';
import { withNetwork, type GivenNetwork } from './network-argument.ts';
import { requireWritable } from '../experiment/out-file.ts';
import type { Output } from './output.ts';

export interface PredictOptions extends UseOptions {
  readonly out: string;
  readonly top?: number;
}

/** `swamp predict FILE|RUN` */
export async function predict(text: string, options: PredictOptions, output: Output): Promise<ExitCode> {
  // Before anything is looked for.
  predictionFormatOf(options.out);
  requireWritable('--out', options.out);
  return await withNetwork(text, options, (given) => predictWith(given, options, output));
}

async function predictWith(given: GivenNetwork, options: PredictOptions, output: Output): Promise<ExitCode> {
  const { out, top } = options;
  const format = predictionFormatOf(out);
  const prepared = await prepare(given, options, output);
  requireTop(top ?? null, prepared, '--top ');
  const folder = mkdtempSync(join(tmpdir(), 'swamp-predict-'));
  try {
    const raw = join(folder, 'predictions.safetensors');
    const result = await use(prepared, raw, 'Predicting');
    const network = given.of ? given.name : basename(given.path);
    const written = writePredictions(raw, { format, out, network, top: top ?? null }, prepared);
    const { evaluation } = result;
    const figures = evaluation && {
      accuracy: evaluation.accuracy,
      nll: evaluation.nll,
      ece: evaluation.ece,
    };
    const document = {
      ...describeUse(given, prepared, result),
      classes: prepared.classes,
      evaluation: figures,
      out,
      bytes: written.bytes,
      sha256: written.digest,
    };
    output.result(document, () => predictText(out, written, prepared, result));
    return ExitCode.ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function predictText(out: string, written: WrittenFile, prepared: PreparedUse, result: UseResult): string {
  const { evaluation, images } = result;
  const split =
    prepared.images.kind === 'dataset' ? `, ${prepared.images.split}: ${count(images)} images` : '';
  return columns(
    [
      ['network', networkText(prepared, result)],
      ['data', `${prepared.data.title}${split}`],
      ...(evaluation ? [['accuracy', percent(evaluation.accuracy, 2)]] : []),
      ['predictions', `${out} (${bytes(written.bytes)})`],
    ],
    ['left', 'left'],
  ).join('\n');
}
