import type { OverlayOptions } from 'sharp';
import type { Dataset } from './dataset.ts';

/** Training images of one class, side by side. */
export interface ContactRow {
  readonly name: string;
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Shorter sides are enlarged by whole factors, longer ones reduced to this. */
const LEAST_SIDE = 48;
const MOST_SIDE = 128;
const GAP = 4;
/** With more classes than this, rows are shorter and stand in several columns. */
const ONE_COLUMN = 20;
const LABEL_WIDTH = 150;
const LABEL_LETTERS = 20;

/** A few training images of each class, spread evenly over those there are. */
export async function contactRows(dataset: Dataset): Promise<ContactRow[]> {
  const { default: sharp } = await import('sharp');
  const [height, width, channels] = dataset.shape;
  const { train, classes } = dataset;
  const wanted = classes.length > ONE_COLUMN ? 5 : 10;
  const { images, labels } = train;
  const byClass = classes.map((): number[] => []);
  for (const [index, label] of labels.entries()) byClass[label]?.push(index);
  const scale = scaleOf(Math.min(height, width));
  const cell = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const size = height * width * channels;
  return await Promise.all(
    classes.map(async (name, label) => {
      const indices = byClass[label] ?? [];
      const chosen = Array.from(
        { length: Math.min(wanted, indices.length) },
        (_, i) => indices[Math.floor((i * indices.length) / Math.min(wanted, indices.length))] as number,
      );
      const cells = await Promise.all(
        chosen.map(async (index, at): Promise<OverlayOptions> => {
          const pixels = Buffer.from(images.subarray(index * size, (index + 1) * size));
          const input = await sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 } })
            .resize({ ...cell, fit: 'fill', kernel: scale >= 1 ? 'nearest' : 'lanczos3' })
            .png()
            .toBuffer();
          return { input, left: at * (cell.width + GAP), top: 0 };
        }),
      );
      const rowWidth = wanted * (cell.width + GAP) - GAP;
      const background = { r: 255, g: 255, b: 255 };
      const canvas = sharp({ create: { width: rowWidth, height: cell.height, channels: 3, background } });
      const png = await canvas.composite(cells).png().toBuffer();
      return { name, png, width: rowWidth, height: cell.height };
    }),
  );
}

function scaleOf(side: number): number {
  if (side >= MOST_SIDE) return MOST_SIDE / side;
  return side >= LEAST_SIDE ? 1 : Math.ceil(LEAST_SIDE / side);
}

/** All rows in one PNG, each with its class's name. */
export async function contactSheet(rows: readonly ContactRow[]): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  const { width = 1, height = 1 } = rows[0] ?? {};
  const columns = Math.ceil(rows.length / ONE_COLUMN);
  const lines = Math.ceil(rows.length / columns);
  const block = LABEL_WIDTH + width + 4 * GAP;
  const placed = rows.map((row, index) => ({
    row,
    left: 2 * GAP + Math.floor(index / lines) * block,
    top: 2 * GAP + (index % lines) * (height + GAP),
  }));
  const canvas = { width: columns * block, height: lines * (height + GAP) + 3 * GAP };
  const labels = placed.map(
    ({ row, left, top }) =>
      `<text x="${left}" y="${top + height / 2 + 5}" font-size="14" font-family="sans-serif">${xml(short(row.name))}</text>`,
  );
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${canvas.width}" height="${canvas.height}">${labels.join('')}</svg>`;
  return await sharp({ create: { ...canvas, channels: 3, background: { r: 255, g: 255, b: 255 } } })
    .composite([
      ...placed.map(({ row, left, top }) => ({ input: row.png, left: left + LABEL_WIDTH, top })),
      { input: Buffer.from(text), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}

function short(name: string): string {
  const letters = [...name];
  return letters.length > LABEL_LETTERS ? `${letters.slice(0, LABEL_LETTERS - 1).join('')}…` : name;
}

/** Control characters have no place in XML at all. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u001f]/g, ' ')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
