import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

/** A screen without a screen, where there is none. */
export class Screen {
  readonly #xvfb: ChildProcess | null;
  readonly display: string;

  private constructor(xvfb: ChildProcess | null, display: string) {
    this.#xvfb = xvfb;
    this.display = display;
  }

  static async open(): Promise<Screen> {
    const there = process.env['DISPLAY'];
    if (process.platform !== 'linux' || there) return new Screen(null, there ?? '');
    // It chooses a free number and tells it on the fourth channel.
    const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const told = xvfb.stdio[3] as Readable;
    const display = await new Promise<string>((resolve, reject) => {
      xvfb.once('error', reject);
      xvfb.once('exit', () => reject(new Error('Xvfb did not start')));
      told.once('data', (text: Buffer) => resolve(`:${text.toString().trim()}`));
    });
    return new Screen(xvfb, display);
  }

  close(): void {
    this.#xvfb?.kill();
  }
}
