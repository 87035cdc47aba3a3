import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { WrittenFile } from '../checkpoint/files.ts';
import { predictionFormatOf } from '../checkpoint/predictions/registry.ts';
import type { PredictionFormat } from '../checkpoint/predictions/format.ts';
import { readSafetensors } from '../checkpoint/safetensors.ts';
import { tensorNamed } from '../checkpoint/tensor.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { UseResult } from '../contract/use.ts';
import type { PreparedUse } from '../experiment/use.ts';
import { bytes, columns, count, percent } from '../report/format.ts';
import { describeUse, networkText, prepare, use, type UseOptions } from './evaluate.ts';
import { requireWritable } from '../experiment/out-file.ts';
import type { Output } from './output.ts';

export interface PredictOptions extends UseOptions {
  readonly out: string;
  readonly top?: number;
}

/** `swamp predict FILE` */
export async function predict(file: string, options: PredictOptions, output: Output): Promise<ExitCode> {
  const { out, top } = options;
  const format = predictionFormatOf(out);
  requireWritable('--out', out);
  const prepared = await prepare(file, options, output);
  const classes = prepared.classes.length;
  if (top !== undefined && (top < 1 || top > classes))
    throw new ConfigError(`--top ${top}: the network knows ${classes} classes`, `Give 1 to ${classes}.`);
  const folder = mkdtempSync(join(tmpdir(), 'swamp-predict-'));
  try {
    const raw = join(folder, 'predictions.safetensors');
    const result = await use(prepared, raw, 'Predicting');
    const written = write(format, { file, raw, out, top: top ?? null }, prepared);
    const { evaluation } = result;
    const figures = evaluation && {
      accuracy: evaluation.accuracy,
      nll: evaluation.nll,
      ece: evaluation.ece,
    };
    const document = {
      ...describeUse(file, prepared, result),
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

/** Puts what the worker wrote into the format asked for. */
function write(
  format: PredictionFormat,
  { file, raw, out, top }: { file: string; raw: string; out: string; top: number | null },
  { classes, data, images }: PreparedUse,
): WrittenFile {
  const { tensors } = readSafetensors(raw);
  const labels = tensors.has('labels') ? tensorNamed(tensors, 'labels', 'I32', raw).data : null;
  return format.write(out, {
    network: basename(file),
    data: data.title,
    classes,
    names: images.kind === 'pictures' ? images.files.map((path) => basename(path)) : null,
    labels,
    probabilities: tensorNamed(tensors, 'probabilities', 'F32', raw).data,
    top,
  });
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
