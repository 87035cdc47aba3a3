import { spawn, type ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EngineBuild } from '../src-main/contract/job.ts';
import { median } from '../src-main/contract/statistics.ts';
import { engineProcess } from '../src-main/engine/launch.ts';

/** A process that waits for its turns (turns.ts). */
export class Contender {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly times: number[] = [];
  /** Milliseconds of processor time a step, of each turn. */
  readonly cpu: number[] = [];
  /** Milliseconds of processor time in all turns. */
  cpuMs = 0;
  /** Median of each turn. */
  readonly turns: number[] = [];
  name = '';

  constructor(command: string, parameters: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(command, parameters, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    });
    if (!this.#child.stdout) throw new Error('no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** One that computes with our engine: a script of this folder. */
  static ours(
    engine: EngineBuild,
    threads: number,
    env: Readonly<Record<string, string>> = {},
    script = 'step.ts',
  ): Contender {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const started = engineProcess(engine, path, { threads, env: { TURNS: '1', ...env } });
    return new Contender(process.execPath, started.args, started.env);
  }

  /** Waits until it is warm. */
  async start(): Promise<void> {
    ({ name: this.name } = JSON.parse(await this.#line()) as { name: string });
  }

  async turn(steps: number): Promise<void> {
    this.#child.stdin?.write(`${steps}\n`);
    const { times, cpuMs } = JSON.parse(await this.#line()) as { times: number[]; cpuMs: number };
    this.times.push(...times);
    this.cpu.push(cpuMs / times.length);
    this.cpuMs += cpuMs;
    this.turns.push(median(times));
  }

  end(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  async #line(): Promise<string> {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error(`${this.name || 'a contender'} ended`);
    return value;
  }
}

/** Says what share of all cores something else had since the call. */
export function watchOthers(): (contenders: readonly Contender[]) => string {
  const busy = (): number =>
    cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  const [busyBefore, before] = [busy(), performance.now()];
  return (contenders) => {
    const own = contenders.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const all = (performance.now() - before) * cpus().length;
    return `Other work had ${Math.round((100 * Math.max(0, busy() - busyBefore - own)) / all)} % of the cores.`;
  };
}
