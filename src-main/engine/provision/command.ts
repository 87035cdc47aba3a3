import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How a child process ended. */
export interface Outcome {
  /** `null` where a signal ended it or it never started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The program does not exist or cannot be executed. */
  readonly missing: boolean;
  /** The last 64 KiB of each stream. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string | undefined;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const kept = 64 * 1024;

/** Children of `pid`, youngest first; empty where /proc does not tell. */
function descendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (children === '') return [];
    return children.split(' ').flatMap((child) => [...descendants(Number(child)), Number(child)]);
  } catch {
    return [];
  }
}

/**
 * Compilers are drivers that start the real work as children of their own, so the whole tree is ended. The child
 * stays in the terminal's process group: Ctrl-C reaches it without our help.
 */
function killTree(pid: number, signal: NodeJS.Signals): void {
  for (const process_ of [...descendants(pid), pid]) {
    try {
      process.kill(process_, signal);
    } catch {
      // Already gone.
    }
  }
}

/**
 * Run a program without a shell and wait for its end. A non-zero exit is an outcome, not an error.
 * @throws the signal's reason once the child and its children are gone, if aborted.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const { signal } = options;
  signal?.throwIfAborted();
  const outcome = await new Promise<Outcome>((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let hammer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      if (child.pid === undefined) return;
      const pid = child.pid;
      killTree(pid, 'SIGTERM');
      hammer = setTimeout(() => killTree(pid, 'SIGKILL'), 2000);
    };
    const finish = (code: number | null, ended: NodeJS.Signals | null, missing: boolean): void => {
      clearTimeout(hammer);
      signal?.removeEventListener('abort', abort);
      resolve({ code, signal: ended, missing, stdout, stderr });
    };
    signal?.addEventListener('abort', abort, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-kept)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-kept)));
    child.on('error', () => {
      if (child.pid === undefined) finish(null, null, true);
    });
    child.on('close', (code, ended) => finish(code, ended, false));
  });
  signal?.throwIfAborted();
  return outcome;
}
