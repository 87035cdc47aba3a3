import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { EngineBuild } from '../contract/job.ts';
import { engineEnvironment } from './environment.ts';

export interface LaunchOptions {
  /** Intra-op threads; all cores unless told. */
  readonly threads?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a script in a process of its own, in the environment that workers have; SWAMP_ENGINE tells it the engine.
 * @returns what it wrote to standard output
 * @throws Error with what it wrote to standard error, where it fails
 */
export async function launchWith(
  engine: EngineBuild,
  script: string,
  { threads = availableParallelism(), env = {} }: LaunchOptions = {},
): Promise<string> {
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
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${log}`);
  return text;
}
