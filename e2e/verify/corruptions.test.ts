import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { corruptImages } from '../../src-main/datasets/corruptions/corrupt.ts';
import { SEVERITIES, type Shape } from '../../src-main/datasets/corruptions/corruption.ts';
import { corruptions } from '../../src-main/datasets/corruptions/registry.ts';

/** Images that corruptions_reference.py corrupted with SciPy, scikit-image and Pillow; bytes in Base64, by severity. */
interface Case {
  readonly shape: Shape;
  readonly image: string;
  readonly corrupted: Readonly<Record<string, readonly string[]>>;
}

const cases = JSON.parse(
  readFileSync(new URL('fixtures/corruptions.json', import.meta.url), 'utf8'),
) as Case[];

describe.each(cases)('corruptions of an image of $shape', ({ shape, image, corrupted }) => {
  test.each(Object.keys(corrupted))('%s is what others make of it', async (kind) => {
    const bytes = Uint8Array.from(Buffer.from(image, 'base64'));
    let differ = 0;
    for (const severity of SEVERITIES) {
      const made = await corruptImages(bytes, shape, { kind, severity, count: 1 });
      const wanted = Buffer.from(corrupted[kind]?.[severity - 1] ?? '', 'base64');
      expect(made).toHaveLength(wanted.length);
      for (const [i, byte] of made.entries()) {
        // Values next to a whole number are cut off to either side of it.
        expect(Math.abs(byte - (wanted[i] ?? NaN))).toBeLessThanOrEqual(1);
        if (byte !== wanted[i]) differ++;
      }
    }
    expect(differ / (5 * bytes.length)).toBeLessThan(0.02);
  });
});

test('the fixture has all but frost, whose textures are ours', () => {
  const kinds = [...corruptions.keys()].filter((kind) => kind !== 'frost');
  for (const { corrupted } of cases) expect(Object.keys(corrupted).sort()).toEqual(kinds.sort());
});
