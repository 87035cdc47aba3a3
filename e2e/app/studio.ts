import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf } from '../../src-main/store/lock.ts';
import { isAlive, jsonLine, makeFolder, Running, swamp, type Ended } from '../cli.ts';

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

  /** Ends `swamp serve` and the host. */
  async end(): Promise<void> {
    this.#serve?.interrupt();
    const host = this.hostPid;
    if (host !== null) process.kill(host, 'SIGTERM');
    await this.#serve?.ended;
    this.#serve = null;
    while (host !== null && isAlive(host)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async close(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
