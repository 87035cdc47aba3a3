import { fileURLToPath, pathToFileURL } from 'node:url';
import { launchWith, type LaunchOptions } from '../src-main/engine/launch.ts';
import { ensureEngine } from '../src-main/engine/provision/index.ts';

/**
 * Runs a benchmark of this folder in a process of its own, in the environment that workers have.
 * @returns what it wrote to standard output
 */
export async function launch(name: string, options: LaunchOptions = {}): Promise<string> {
  return await launchWith(
    await ensureEngine(),
    fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
    options,
  );
}

// node bench/launch.ts NAME runs one by itself.
const [, started, name] = process.argv;
if (started !== undefined && import.meta.url === pathToFileURL(started).href && name !== undefined)
  process.stdout.write(await launch(name));
