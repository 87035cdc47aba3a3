import { choose } from '../../contract/registry.ts';
import { streamFor } from '../../random/random.ts';
import type { Severity, Shape } from './corruption.ts';
import { corruptions } from './registry.ts';

/** Images that a corruption by native code works on at a time. */
const AT_ONCE = 64;

/**
 * The first images of a set corrupted. Chance comes from the kind, the severity and the image's place alone: not from
 * seeds, so that every network sees the same images, nor from how many there are.
 * @param images bytes, [images, ...shape]
 * @param breathe awaited now and then: what it throws ends the work
 * @throws ConfigError where there is no such corruption
 */
export async function corruptImages(
  images: Uint8Array,
  shape: Shape,
  { kind, severity, count }: { readonly kind: string; readonly severity: Severity; readonly count: number },
  breathe: () => Promise<void> = () => Promise.resolve(),
): Promise<Uint8Array> {
  const { entry } = choose(corruptions, { kind }, 'corruptions');
  const size = shape[0] * shape[1] * shape[2];
  const made = new Uint8Array(count * size);
  const one = async (index: number): Promise<Uint8Array> => {
    const bytes = images.subarray(index * size, (index + 1) * size);
    const stream = streamFor({ seed: 0, purpose: `corrupt-${kind}`, round: severity, epoch: index });
    return await entry.corrupt({ shape, bytes }, severity, stream);
  };
  for (let first = 0; first < count; first += AT_ONCE) {
    const several = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => one(first + i));
    for (const [i, bytes] of (await Promise.all(several)).entries()) made.set(bytes, (first + i) * size);
    await breathe();
  }
  return made;
}
