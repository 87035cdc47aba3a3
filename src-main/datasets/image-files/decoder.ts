import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { OutputInfo, Sharp } from 'sharp';

/** How images become arrays of one shape. */
export interface DecodeOptions {
  /** Height and width; `null`: as they are. */
  readonly size: readonly [height: number, width: number] | null;
  /** Where the shape is another: cut what sticks out, add bars, or stretch. */
  readonly fit: 'cover' | 'contain' | 'fill';
  readonly channels: 1 | 3;
}

export interface Decoded {
  readonly height: number;
  readonly width: number;
  /** [height, width, channels] in C order. */
  readonly pixels: Buffer;
}

/** Bars of `contain`: mid-grey. */
const BARS = { r: 128, g: 128, b: 128 };

/**
 * What decides pixels besides file and options. It is read from the package's own file: loading the decoder would
 * bring native code into every process that only reads what is decoded already.
 */
export function decoderVersion(): string {
  const entry = pathToFileURL(createRequire(import.meta.url).resolve('sharp'));
  const { version } = JSON.parse(readFileSync(new URL('../package.json', entry), 'utf8')) as {
    version: string;
  };
  return `sharp ${version}, ${process.platform}-${process.arch}`;
}

/**
 * A function that decodes one file with sharp: turned as its EXIF says, transparency over white, the first frame of
 * an animation, in sRGB or grey with 8 bits, resized by Lanczos. It throws an Error that says what is wrong.
 */
export async function openDecoder({
  size,
  fit,
  channels,
}: DecodeOptions): Promise<(file: Buffer) => Promise<Decoded>> {
  const { default: sharp } = await import('sharp');
  // Each image on one thread, several images at a time; none is needed twice.
  sharp.concurrency(1);
  sharp.cache(false);
  return async (file) => {
    if (file.length === 0) throw new Error('it is empty');
    if (!isImage(file)) throw new Error('it is no JPEG, PNG, WebP or GIF inside');
    let image = sharp(file, { failOn: 'error' }).autoOrient().flatten({ background: '#ffffff' });
    if (size) image = image.resize({ height: size[0], width: size[1], fit, background: BARS });
    if (channels === 1) image = image.greyscale();
    const { data, info } = await raw(image.toColourspace(channels === 1 ? 'b-w' : 'srgb'));
    if (info.channels !== channels) throw new Error(`it decodes to ${info.channels} channels`);
    return { height: info.height, width: info.width, pixels: data };
  };
}

async function raw(image: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  } catch (cause) {
    // libvips keeps one text for all that fail at a time, so which of them its words are about is not known.
    const large = (cause as Error).message.includes('pixel limit');
    throw new Error(large ? 'it has too many pixels' : 'it is damaged or cut short', { cause });
  }
}

/** By the first bytes: what else the decoder could read (SVG, PDF, …) is nothing to train on. */
function isImage(file: Buffer): boolean {
  const starts = (text: string, at = 0): boolean => file.toString('latin1', at, at + text.length) === text;
  return (
    starts('\xff\xd8\xff') ||
    starts('\x89PNG\r\n\x1a\n') ||
    (starts('RIFF') && starts('WEBP', 8)) ||
    starts('GIF8')
  );
}
