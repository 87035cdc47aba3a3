import { basename } from 'node:path';
import type { WrittenFile } from '../checkpoint/files.ts';
import type { PredictionFormat } from '../checkpoint/predictions/format.ts';
import { readSafetensors } from '../checkpoint/safetensors.ts';
import { tensorNamed } from '../checkpoint/tensor.ts';
import { ConfigError } from '../contract/errors.ts';
import type { PreparedUse } from './use.ts';

/** A file for predictions that a user asked for. */
export interface AskedPredictions {
  readonly format: PredictionFormat;
  readonly out: string;
  /** What the network is called in it. */
  readonly network: string;
  /** Only the so many most probable classes of each image; `null`: all. */
  readonly top: number | null;
}

/** @throws ConfigError where there are not so many classes. @param before what stands before the number: the option, or nothing. */
export function requireTop(top: number | null, { classes }: PreparedUse, before: string): void {
  if (top === null || (top >= 1 && top <= classes.length)) return;
  throw new ConfigError(
    `${before}${top}: the network knows ${classes.length} classes`,
    `Give 1 to ${classes.length}.`,
  );
}

/** Puts what a worker wrote into the format asked for. @param raw the worker's file. */
export function writePredictions(
  raw: string,
  { format, out, network, top }: AskedPredictions,
  { classes, data, images }: PreparedUse,
): WrittenFile {
  const { tensors } = readSafetensors(raw);
  const labels = tensors.has('labels') ? tensorNamed(tensors, 'labels', 'I32', raw).data : null;
  return format.write(out, {
    network,
    data: data.title,
    classes,
    names: images.kind === 'pictures' ? images.files.map((path) => basename(path)) : null,
    labels,
    probabilities: tensorNamed(tensors, 'probabilities', 'F32', raw).data,
    top,
  });
}
