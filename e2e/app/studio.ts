import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf } from '../../src-main/store/lock.ts';
import { isAlive, jsonLine, makeFolder, removeFolder, Running, swamp, type Ended } from '../cli.ts';

/** The built window. */
export const pages = join(import.meta.dirname, '..', '..', 'out', 'renderer', 'index.html');

/** Seconds of work with everything in it: two rounds, IMP, an ensemble, and SWAMP with two particles. */
export const quickExperiment = {
  name: 'quick',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16] },
  recipe: { epochs: 3, batch: 128 },
  ticket: { iterations: 10 },
  swa: { start: 0.5, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
  arms: ['imp', { kind: 'imp-ensemble', members: 2 }, { kind: 'swamp', particles: 2 }],
  threads: 1,
  workers: 1,
};

/** A library in a folder of its own, and what the tests do to it beside the window. */
export class Studio {
  readonly folder: string;
  readonly library: string;
  #serve: Running | null = null;
  #port = 0;

  constructor() {
    this.folder = makeFolder();
    this.library = join(this.folder, 'library');
  }

  /** Begins with a copy of another library. */
  copyFrom(library: string): void {
    cpSync(library, this.library, { recursive: true, preserveTimestamps: true });
  }

  /** Writes a file that the window can be told to open. */
  write(name: string, content: unknown): string {
    const path = join(this.folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  /** `swamp ARGS --library …`, to its end. */
  async swamp(...args: string[]): Promise<Ended> {
    return await swamp([...args, '--library', this.library]);
  }

  /** The same with `--json`. */
  async json<T>(...args: string[]): Promise<T> {
    return jsonLine<T>(await this.swamp(...args, '--json'));
  }

  /** Starts `swamp serve`, or asks the one that runs. @returns an address that lets one browser in. */
  async address(): Promise<string> {
    if (this.#serve) return (await this.json<{ url: string }>('serve')).url;
    const serve = new Running(['serve', '--port', String(this.#port), '--json', '--library', this.library]);
    this.#serve = serve;
    await serve.says(/Ctrl-C ends serving/);
    const stdout = await serve.until(() => serve.stdout);
    const { url, port } = JSON.parse(stdout) as { url: string; port: number };
    this.#port = port;
    return url;
  }

  /** Ends `swamp serve`; asked for an address once more it is started at the same port. The host goes on. */
  async endServing(): Promise<void> {
    this.#serve?.interrupt();
    await this.#serve?.ended;
    this.#serve = null;
  }

  /** Process of the library's host; `null` where there is none. */
  get hostPid(): number | null {
    return existsSync(this.library) ? (holderOf(this.library)?.pid ?? null) : null;
  }

  /** Processes of its workers. */
  get workerPids(): number[] {
    const pid = this.hostPid;
    const file = `/proc/${pid}/task/${pid}/children`;
    return pid !== null && existsSync(file)
      ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number)
      : [];
  }

  /** Process of the host, once there is one: 0 in its place would stand for all processes of these tests. */
  async host(): Promise<number> {
    return await present(() => this.hostPid);
  }

  /** Ends `swamp serve` and whatever else was started for this folder: a host that begins just now holds no lock yet. */
  async end(): Promise<void> {
    this.#serve?.interrupt();
    await this.#serve?.ended;
    this.#serve = null;
    for (const [signal, wait] of [
      ['SIGTERM', 10_000],
      ['SIGKILL', 5000],
    ] as const) {
      const until = Date.now() + wait;
      for (const pid of this.#processes()) kill(pid, signal);
      while (this.#processes().length > 0 && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    await this.end();
    await removeFolder(this.folder);
  }

  /** Of this folder, by their command lines; where the system does not show those, the host alone. */
  #processes(): number[] {
    const host = this.hostPid;
    const pids = existsSync('/proc')
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name) && this.#isOurs(name))
          .map(Number)
      : [];
    return [...new Set([...pids, ...(host === null ? [] : [host])])].filter(
      (pid) => pid !== process.pid && isAlive(pid),
    );
  }

  #isOurs(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.folder);
    } catch {
      return false;
    }
  }
}

/** A process, once there is one. */
export async function present(of: () => number | null | Promise<number | null>): Promise<number> {
  const until = Date.now() + 30_000;
  for (;;) {
    const pid = await of();
    if (pid !== null && pid > 0) return pid;
    if (Date.now() > until) throw new Error('there is no such process');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}
