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
