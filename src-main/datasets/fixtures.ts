import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of CIFAR-10's binary version for tests, or `null`: in SWAMP_TEST_DATA, by default beside the repository.
 * Tests that need it are skipped without it, naming this.
 */
export function cifar10Folder(): string | null {
  const data =
    process.env['SWAMP_TEST_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
  const folder = path.join(data, 'cifar-10-batches-bin');
  return existsSync(path.join(folder, 'test_batch.bin')) ? folder : null;
}

/** An IDX file of bytes: two zeros, type 8, number of dimensions, sizes (big-endian), data. */
export function idxFile(shape: readonly number[], data: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [index, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * index);
  return Buffer.concat([header, Uint8Array.from(data)]);
}
