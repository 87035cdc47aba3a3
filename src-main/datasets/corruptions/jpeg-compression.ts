import { z } from 'zod';
import { constant, type BySeverity, type Corruption } from './corruption.ts';

/** Quality of libjpeg's scale. */
const QUALITIES: BySeverity<number> = [80, 65, 58, 50, 40];

/** JPEG with half the colour resolution (4:2:0), by sharp. The same bytes only with the same version of it. */
export const jpegCompression: Corruption = {
  kind: 'jpeg_compression',
  title: 'JPEG compression',
  schema: z.strictObject({ kind: z.literal('jpeg_compression') }),
  family: 'digital',
  async corrupt({ shape, bytes }, severity) {
    // Native code that only this corruption needs.
    const { default: sharp } = await import('sharp');
    const [height, width, channels] = shape;
    const grey = channels === 1;
    const file = await sharp(bytes, { raw: { height, width, channels: grey ? 1 : 3 } })
      .toColourspace(grey ? 'b-w' : 'srgb')
      .jpeg({ quality: constant(QUALITIES, severity), chromaSubsampling: '4:2:0' })
      .toBuffer();
    return await sharp(file)
      .toColourspace(grey ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  },
};
