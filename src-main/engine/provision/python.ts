import { run } from './command.ts';
import { environment, noPip, noPython } from './failures.ts';

/** A Python that can download wheels. Its own version does not matter. */
export interface Python {
  readonly program: string;
  readonly version: string;
  /** `null`: it has no pip. */
  readonly pip: string | null;
}

/** The first Python 3 that runs, preferring one with pip. */
export async function findPython(signal?: AbortSignal): Promise<Python | null> {
  const named = process.env[environment.python];
  const programs = named !== undefined && named !== '' ? [named] : ['python3', 'python'];
  let withoutPip: Python | null = null;
  for (const program of programs) {
    const asked = await run(program, ['--version'], { signal });
    const version = /^Python (3\.\S+)/.exec(asked.stdout + asked.stderr)?.[1];
    if (asked.code !== 0 || version === undefined) continue;
    const pip = await run(program, ['-m', 'pip', '--version'], { signal });
    if (pip.code === 0)
      return { program, version, pip: /^pip (\S+)/.exec(pip.stdout)?.[1] ?? 'of unknown version' };
    withoutPip ??= { program, version, pip: null };
  }
  return withoutPip;
}

/** @throws EngineError if there is no Python 3, or none with pip. */
export async function requirePip(signal?: AbortSignal): Promise<Python> {
  const python = await findPython(signal);
  if (python === null) throw noPython();
  if (python.pip === null) throw noPip(python.program);
  return python;
}
