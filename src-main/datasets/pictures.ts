import { stat, readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { DataError } from '../contract/errors.ts';

/** Endings of files that are taken for pictures in a folder. */
const ENDINGS = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif'];

/** Whether a file's name says that it is a picture. */
export function isPicture(file: string): boolean {
  return ENDINGS.includes(path.extname(file).toLowerCase());
}

/**
 * The pictures of a path: itself, or those in a folder, by name.
 * @throws DataError where there are none.
 */
export async function listPictures(file: string): Promise<string[]> {
  if (!(await stat(file)).isDirectory()) return [file];
  const names = (await readdir(file)).filter(isPicture).sort();
  if (names.length === 0)
    throw new DataError(`there is no picture in ${file}`, `Pictures end in ${ENDINGS.join(', ')}.`);
  return names.map((name) => path.join(file, name));
}

/**
 * Pictures as bytes, [pictures, height, width, channels] in C order, for a network of that shape: turned as their
 * EXIF data say, stretched to height × width, transparency on black, made grey for one channel (Rec. 709 luma).
 * @throws DataError naming the picture that cannot be read, or a shape that pictures do not have.
 */
export async function loadPictures(
  files: readonly string[],
  shape: readonly [number, number, number],
): Promise<Uint8Array> {
  const [height, width, channels] = shape;
  if (channels !== 1 && channels !== 3)
    throw new DataError(
      `the network takes images of ${channels} channels; pictures have 1 or 3`,
      'Give a data set of such images.',
    );
  const size = height * width * channels;
  const images = new Uint8Array(files.length * size);
  for (const [index, file] of files.entries()) {
    images.set(await loadPicture(file, shape), index * size);
  }
  return images;
}

async function loadPicture(
  file: string,
  [height, width, channels]: readonly [number, number, number],
): Promise<Uint8Array> {
  try {
    return await sharp(file)
      .rotate()
      .flatten({ background: 'black' })
      .resize(width, height, { fit: 'fill' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
  } catch (cause) {
    throw new DataError(
      `${file} cannot be read as a picture: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Give a PNG, JPEG, WebP, GIF, TIFF or AVIF file.',
      undefined,
      { cause },
    );
  }
}
