import { truncate } from './format.ts';

/** The part of a terminal's stream that is used. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface ProgressOptions {
  readonly stream: TerminalStream;
  /** Default: whether the stream is a terminal, and no dumb one. */
  readonly isTTY?: boolean;
  /** Default: on a terminal, unless the variable NO_COLOR is set. */
  readonly colour?: boolean;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** Least time between two drawings: about eight a second. */
const drawMs = 125;

const clearBelow = '\u001b[0J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/** Marks in a terminal's text; all of them change nothing where colour is off. */
export interface Marks {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly alarm: (text: string) => string;
}

export function marks(colour: boolean): Marks {
  const mark = (on: number, off: number) => (text: string) =>
    colour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: mark(1, 22), dim: mark(2, 22), alarm: mark(31, 39) };
}

/** A terminal that can redraw lines. */
function isTerminal(stream: TerminalStream): boolean {
  return (stream.isTTY ?? false) && process.env['TERM'] !== 'dumb';
}

/** https://no-color.org: any value but the empty one turns colour off. */
export function wantsColour(isTTY: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY && !env['NO_COLOR'];
}

/**
 * Lines that are redrawn in place at the bottom of a terminal, with others that scroll above them. Elsewhere
 * only the scrolling lines appear. On a terminal no line wraps: what is too long is cut.
 */
export class LiveLines {
  readonly isTTY: boolean;
  readonly marks: Marks;
  readonly #stream: TerminalStream;
  readonly #now: () => number;
  #drawn = 0;
  #hidden = false;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #later: NodeJS.Timeout | null = null;
  #compose: (() => readonly string[]) | null = null;

  constructor({ stream, isTTY = isTerminal(stream), colour, now = Date.now }: ProgressOptions) {
    this.#stream = stream;
    this.isTTY = isTTY;
    this.marks = marks(colour ?? wantsColour(isTTY));
    this.#now = now;
  }

  /** Cells a line may take; the last one is left free, as some terminals wrap there. */
  get width(): number {
    return Math.max(1, (this.#stream.columns || 80) - 1);
  }

  /** A line that stays. */
  print(line: string): void {
    const cut = this.isTTY ? truncate(line, this.width) : line;
    this.#stream.write(`${this.#erasure()}${cut}\n`);
    if (this.#compose) this.#draw();
  }

  /** A message that stays and may be longer than a line. */
  printWhole(text: string): void {
    this.#stream.write(`${this.#erasure()}${text}\n`);
    if (this.#compose) this.#draw();
  }

  /** The lines that are redrawn, composed when they are drawn: now, or soon where the last drawing is too recent. */
  show(compose: () => readonly string[]): void {
    if (!this.isTTY) return;
    this.#compose = compose;
    const wait = this.#drawnAt + drawMs - this.#now();
    if (wait <= 0) this.#draw();
    else {
      this.#later ??= setTimeout(() => {
        this.#later = null;
        this.#draw();
      }, wait);
      // A drawing that is due never keeps the process alive.
      this.#later.unref();
    }
  }

  /** Takes the live lines away and gives the cursor back. */
  close(): void {
    if (this.#later) clearTimeout(this.#later);
    this.#later = null;
    this.#compose = null;
    const text = this.#erasure() + (this.#hidden ? showCursor : '');
    if (text !== '') this.#stream.write(text);
    if (this.#hidden) process.off('exit', this.#restore);
    this.#hidden = false;
  }

  #draw(): void {
    if (!this.#compose) return;
    this.#drawnAt = this.#now();
    const lines = this.#compose();
    const hide = this.#hidden ? '' : hideCursor;
    if (!this.#hidden) process.once('exit', this.#restore);
    this.#hidden = true;
    // One write a drawing, so that nothing is seen half drawn.
    this.#stream.write(
      this.#erasure() + hide + lines.map((line) => `${truncate(line, this.width)}\n`).join(''),
    );
    this.#drawn = lines.length;
  }

  /** A process that ends in the middle must not leave the terminal without a cursor. */
  readonly #restore = (): void => {
    this.#stream.write(showCursor);
  };

  #erasure(): string {
    const text = this.#drawn > 0 ? `\u001b[${this.#drawn}A\r${clearBelow}` : '';
    this.#drawn = 0;
    return text;
  }
}

/** `████████░░░░` */
export function bar(share: number, cells: number): string {
  const full = Number.isFinite(share) ? Math.round(Math.min(1, Math.max(0, share)) * cells) : 0;
  return '█'.repeat(full) + '░'.repeat(cells - full);
}
