import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureEngine } from '../src-main/engine/provision/index.ts';
import { engineEnvironment } from '../src-main/engine/environment.ts';

export interface LaunchOptions {
  /** Intra-op threads; all cores unless told. */
  readonly threads?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a benchmark of this folder in a process of its own, in the environment that workers have.
 * @returns what it wrote to standard output
 */
export async function launch(
  name: string,
  { threads = availableParallelism(), env = {} }: LaunchOptions = {},
): Promise<string> {
  const engine = await ensureEngine();
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--disable-warning=DEP0044', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...engineEnvironment(engine, threads),
      SWAMP_ENGINE: JSON.stringify(engine),
      ...env,
    },
  });
  let text = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${log}`);
  return text;
}

// node bench/launch.ts NAME runs one by itself.
const [, started, name] = process.argv;
if (started !== undefined && import.meta.url === pathToFileURL(started).href && name !== undefined)
  process.stdout.write(await launch(name));
