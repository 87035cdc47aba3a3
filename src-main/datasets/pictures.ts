import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { DataError } from '../contract/errors.ts';
import { isImageName } from './image-files/arrange.ts';
import { openDecoder, type DecodeOptions } from './image-files/decoder.ts';

/**
 * The pictures of a path: itself, or those in a folder, by name.
 * @throws DataError where there are none.
 */
export async function listPictures(file: string): Promise<string[]> {
  if (!(await stat(file)).isDirectory()) return [file];
  const names = (await readdir(file)).filter(isImageName).sort();
  if (names.length === 0)
    throw new DataError(`there is no picture in ${file}`, 'Pictures are JPEG, PNG, WebP or GIF files.');
  return names.map((name) => path.join(file, name));
}

/**
 * Pictures as bytes, [pictures, height, width, channels] in C order, for a network that takes images of that shape.
 * @throws DataError naming the picture that cannot be read, or a shape that pictures do not have.
 */
export async function loadPictures(
  files: readonly string[],
  shape: readonly [number, number, number],
  fit: DecodeOptions['fit'],
): Promise<Uint8Array> {
  const [height, width, channels] = shape;
  if (channels !== 1 && channels !== 3)
    throw new DataError(
      `the network takes images of ${channels} channels; pictures have 1 or 3`,
      'Give a data set of such images.',
    );
  const decode = await openDecoder({ size: [height, width], fit, channels });
  const size = height * width * channels;
  const images = new Uint8Array(files.length * size);
  for (const [index, file] of files.entries()) {
    try {
      images.set((await decode(await readFile(file))).pixels, index * size);
    } catch (cause) {
      throw new DataError(
        `${file} cannot be read as a picture: ${cause instanceof Error ? cause.message : String(cause)}`,
        'Give JPEG, PNG, WebP or GIF files.',
        undefined,
        { cause },
      );
    }
  }
  return images;
}
