import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import type { JobKey } from '../src-main/contract/ids.ts';
import type { JobRow } from '../src-main/store/rows.ts';
import { openLibrary, type Library } from '../src-main/store/library.ts';

/** The command line as a process, and looks into the library it leaves. For tests. */

const root = fileURLToPath(new URL('..', import.meta.url));

/** The script that `swamp` starts. */
export const cliEntry = join(root, 'src-main', 'cli.ts');

export interface Ended {
  /** `null` where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A command line under way, in a process group of its own as a terminal's jobs are. */
export class Running {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #check: () => void = () => undefined;

  constructor(args: readonly string[], { env = {}, cwd = root }: StartOptions = {}) {
    this.#child = spawn(process.execPath, [cliEntry, ...args], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // What this test process was given for TensorFlow must not reach the one under test.
      env: { ...process.env, SWAMP_LIBRARY: '', TF_NUM_INTRAOP_THREADS: '', LD_LIBRARY_PATH: '', ...env },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#check();
    });
    this.ended = new Promise((resolve) =>
      this.#child.on('close', (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  /** What it has said so far. */
  get stdout(): string {
    return this.#stdout;
  }
  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the command line did not start');
    return this.#child.pid;
  }

  /** Waits until standard error says something. @throws where the process ends without saying it. */
  async says(words: RegExp): Promise<void> {
    const said = new Promise<boolean>((resolve) => {
      this.#check = () => {
        if (words.test(this.#stderr)) resolve(true);
      };
      this.#check();
    });
    const early = this.ended.then(() => words.test(this.#stderr));
    if (!(await Promise.race([said, early]))) {
      throw new Error(`it ended without saying ${words}:\n${this.#stdout}${this.#stderr}`);
    }
  }

  /** Waits for a condition outside the process. @throws where the process ends before it holds. */
  async until<T>(condition: () => T | null | undefined | false): Promise<T> {
    let over = false;
    void this.ended.then(() => (over = true));
    for (;;) {
      const found = condition();
      if (found) return found;
      if (over) throw new Error(`it ended too soon:\n${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** As the terminal does on Ctrl-C: to the whole group. */
  interrupt(): void {
    try {
      process.kill(-this.pid, 'SIGINT');
    } catch {
      // It has ended by itself meanwhile.
    }
  }

  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  /** Processes it started that are there. */
  get children(): number[] {
    const file = `/proc/${this.pid}/task/${this.pid}/children`;
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
  }
}

/** Runs a command line to its end. */
export async function swamp(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return await new Running(args, options).ended;
}

/** Runs one with `--json`. @throws where standard output is anything but one line of JSON. */
export async function swampJson<T>(
  args: readonly string[],
  options?: StartOptions,
): Promise<Ended & { readonly document: T }> {
  const ended = await swamp([...args, '--json'], options);
  return { ...ended, document: jsonLine<T>(ended) };
}

export function jsonLine<T>({ stdout, stderr }: Ended): T {
  if (!/^[^\n]+\n$/.test(stdout)) throw new Error(`not one line:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A folder that goes when the test is over. */
export function temporaryFolder({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): string {
  const folder = makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** Also where a process that ends just now still writes there. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'swamp-e2e-'));
}

/** Whether a process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Looks into a library beside whoever holds it. */
export function inLibrary<T>(folder: string, look: (library: Library) => T): T {
  const library = openLibrary(folder, { readOnly: true });
  try {
    return look(library);
  } finally {
    library.close();
  }
}

/** Every job of every experiment, by key. */
export function jobsOf(folder: string): Map<JobKey, JobRow> {
  return inLibrary(folder, ({ store }) => {
    const rows = store.experiments().flatMap(({ id }) => store.plan(id).jobs);
    return new Map(rows.map((row) => [row.key, row]));
  });
}

/** What every finished job made and measured, by key: all that must be the same wherever it ran. */
export function resultsOf(folder: string): Record<string, unknown> {
  return inLibrary(folder, ({ store }) => {
    const keys = store.experiments().flatMap(({ id }) => store.plan(id).jobs.map(({ key }) => key));
    return Object.fromEntries(
      keys.sort().map((key) => {
        const result = store.result(key);
        return [
          key,
          result && { outputs: result.outputs, evaluation: result.evaluation, series: result.series },
        ];
      }),
    );
  });
}

/** Attempts at training jobs so far. */
export function trainingsTried(folder: string): number {
  return [...jobsOf(folder).values()]
    .filter(({ kind }) => kind.startsWith('train-'))
    .reduce((sum, { attempts }) => sum + attempts, 0);
}
