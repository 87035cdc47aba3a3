import { availableParallelism } from 'node:os';
import type { EngineBuild } from '../contract/job.ts';
import { engineEnvironment } from './environment.ts';
import { run } from './provision/command.ts';

export interface LaunchOptions {
  /** Intra-op threads; all cores unless told. */
  readonly threads?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * What Node is given to run a script in the environment that workers have; SWAMP_ENGINE tells the script the engine.
 * @returns arguments, and what is laid over this process's environment
 */
export function engineProcess(
  engine: EngineBuild,
  script: string,
  { threads = availableParallelism(), env = {} }: LaunchOptions = {},
): { args: string[]; env: Record<string, string> } {
  return {
    args: ['--expose-gc', '--disable-warning=DEP0044', script],
    env: { ...engineEnvironment(engine, threads), SWAMP_ENGINE: JSON.stringify(engine), ...env },
  };
}

/**
 * Runs a script in a process of its own, as {@link engineProcess} says.
 * @returns what it wrote to standard output
 * @throws Error with what it wrote to standard error, where it fails
 */
export async function launchWith(
  engine: EngineBuild,
  script: string,
  options: LaunchOptions = {},
): Promise<string> {
  const { args, env } = engineProcess(engine, script, options);
  const { code, signal, stdout, stderr } = await run(process.execPath, args, { env });
  if (code !== 0) throw new Error(`${script} ended with ${code ?? signal}:\n${stderr}`);
  return stdout;
}
