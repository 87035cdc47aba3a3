import { connect, type Socket } from 'net';
import { LONGEST_FRAME } from '../contract/names.ts';
import type { LinkState } from '../contract/shell.ts';
import { requireOwn } from '../transport/address.ts';
import type { Served } from '../transport/host-process.ts';
import { Lines } from '../transport/lines.ts';

/** Characters that the page has been sent and has not taken; above, the host is not read from, and gathers. */
const WELL_FILLED = 512 * 1024;
/** Bytes that the host has not taken; above, the page waits with more (preload.ts). One that does not wait is cut off. */
const MOST_UNSENT = 4 * LONGEST_FRAME;
/** How the first frame of a connection begins. */
const GREETING = '{"type":"hello"';
/** A connection that is lost so often within a minute is not made again by itself. */
const MOST_LOSSES = 5;
const MINUTE_MS = 60_000;

export interface LinkOptions {
  /** Starts the library's host where there is none. */
  readonly start: () => Promise<Served>;
  /** Tells the page how the link is. */
  readonly tell: (link: LinkState) => void;
  /** Gives the page frames; it says `took` for each batch. */
  readonly give: (lines: readonly string[]) => void;
}

/**
 * Carries frames between the page and the library's host, one line each. What they say is checked by the host. A host
 * that ends is started again, some times a minute; a page that is slow is not sent more than it takes.
 */
export class Link {
  readonly #options: LinkOptions;
  /** Of the page that is there; whatever belongs to an earlier one is over. */
  #turn = 0;
  #socket: Socket | null = null;
  /** The page has greeted the host that it is connected to. */
  #greeted = false;
  #served: Served | null = null;
  #losses: number[] = [];
  /** Lengths of the batches that the page has not taken. */
  #untaken: number[] = [];

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The host that it is, or was last, connected to. */
  get served(): Served | null {
    return this.#served;
  }

  /** A page is there and listens: a new connection for it. */
  begin(): void {
    this.end();
    void this.#connect(this.#turn);
  }

  /** The page is gone. */
  end(): void {
    this.#turn++;
    this.#socket?.destroy();
    this.#socket = null;
    this.#untaken = [];
  }

  /** The user wants it tried again. */
  retry(): void {
    this.#losses = [];
    this.begin();
  }

  /**
   * Sends a frame to the host. @param taken called once when the host has it, or when it will never have it.
   * @throws Error where it is no frame.
   */
  send(line: unknown, taken: () => void): void {
    const socket = this.#socket;
    // What the page sent to a host that is gone means nothing to another: it greets that one first.
    this.#greeted ||= typeof line === 'string' && line.startsWith(GREETING);
    if (typeof line !== 'string' || line.length > LONGEST_FRAME || line.includes('\n')) {
      taken();
      throw new Error('a frame is one line of text');
    }
    if (socket === null || socket.destroyed || !this.#greeted) {
      taken();
      return;
    }
    socket.write(`${line}\n`, taken);
    if (socket.writableLength > MOST_UNSENT)
      socket.destroy(new Error('the host takes nothing of what the window sends'));
  }

  /** The page has taken the oldest batch that it was given. */
  took(): void {
    this.#untaken.shift();
    if (!this.#isFull) this.#socket?.resume();
  }

  get #isFull(): boolean {
    return this.#untaken.reduce((sum, length) => sum + length, 0) > WELL_FILLED;
  }

  async #connect(turn: number): Promise<void> {
    try {
      const served = await this.#options.start();
      const socket = await open(served.socket);
      if (turn !== this.#turn) {
        socket.destroy();
        return;
      }
      this.#served = served;
      this.#socket = socket;
      this.#greeted = false;
      this.#untaken = [];
      this.#read(socket, turn);
      this.#options.tell({ state: 'connected', message: '' });
    } catch (error) {
      if (turn === this.#turn) this.#lost(turn, error instanceof Error ? error.message : String(error));
    }
  }

  #read(socket: Socket, turn: number): void {
    const lines = new Lines();
    let why = '';
    socket.on('data', (chunk) => {
      let complete: string[];
      try {
        complete = lines.add(chunk);
      } catch (error) {
        // What a host sends is no reason for Electron's dialog of errors in main.
        socket.destroy(error as Error);
        return;
      }
      if (complete.length === 0) return;
      this.#untaken.push(complete.reduce((sum, line) => sum + line.length, 0));
      if (this.#isFull) socket.pause();
      this.#options.give(complete);
    });
    socket.on('error', ({ message }) => (why = message));
    socket.on('close', () => {
      if (turn === this.#turn) this.#lost(turn, why);
    });
  }

  #lost(turn: number, why: string): void {
    this.#socket = null;
    const now = Date.now();
    this.#losses = [...this.#losses.filter((at) => now - at < MINUTE_MS), now];
    if (this.#losses.length >= MOST_LOSSES) {
      const message = why || `the host ended ${MOST_LOSSES} times within a minute`;
      this.#options.tell({ state: 'failed', message });
      return;
    }
    this.#options.tell({ state: 'lost', message: why });
    // At once the first time, then more slowly.
    setTimeout(() => void this.#again(turn), 200 * (this.#losses.length - 1));
  }

  async #again(turn: number): Promise<void> {
    if (turn === this.#turn) await this.#connect(turn);
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    requireOwn(path);
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
