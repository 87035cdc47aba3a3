import type { Choice } from '../../contract/registry.ts';
import type { Stream } from '../../random/random.ts';

/** Height, width, channels (3: red, green, blue; 1: grey). */
export type Shape = readonly [height: number, width: number, channels: number];

/** An image as bytes, [height, width, channels] in C order. */
export interface Picture {
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/** The same in floating point; 0 … 1 unless said otherwise. */
export interface FloatPicture {
  readonly shape: Shape;
  readonly values: Float64Array;
}

/** 1 is the mildest. */
export const SEVERITIES = [1, 2, 3, 4, 5] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Kinds of corruption that belong together (Hendrycks and Dietterich 2019, figure 1). */
export type Family = 'noise' | 'blur' | 'weather' | 'digital';

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface Corruption extends Choice<{ kind: string }> {
  /** Its name in CIFAR-10-C, for example `gaussian_noise`. */
  readonly kind: string;
  /** For people, a few words. */
  readonly title: string;
  readonly family: Family;
  /**
   * The image corrupted; of the same shape. Pure: the stream is all of its chance.
   * Values become bytes as in the published program: cut off, not rounded.
   */
  corrupt(picture: Picture, severity: Severity, stream: Stream): Uint8Array | Promise<Uint8Array>;
}

/** A constant by severity, the mildest first. */
export type BySeverity<Constant> = readonly [Constant, Constant, Constant, Constant, Constant];

export function constant<Constant>(constants: BySeverity<Constant>, severity: Severity): Constant {
  return constants[severity - 1] as Constant;
}

/** The picture on the scale 0 … 1. */
export function toUnit({ shape, bytes }: Picture): FloatPicture {
  // A loop: `from` walks by an iterator, which takes as long as most corruptions.
  const values = new Float64Array(bytes.length);
  for (let i = 0; i < values.length; i++) values[i] = (bytes[i] as number) / 255;
  return { shape, values };
}

/** Values of 0 … 1, clipped, as bytes, what is behind the point cut off. */
export function fromUnit(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = clip(values[i] as number) * 255;
  return bytes;
}

/** Into 0 … 1. */
export function clip(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
