import type { Socket } from 'node:net';
import { ConfigError } from '../contract/errors.ts';
import type { FromHost } from '../contract/frames.ts';
import { LONGEST_FRAME } from '../contract/names.ts';

/** Events are gathered for so long before they are written together. */
const GATHER_MS = 40;
/** Bytes that the system has not taken yet; above, events wait here and replace each other. */
const WELL_FILLED = 256 * 1024;
/** More events that do not replace each other than a reader may leave unread. */
const MOST_WAITING = 20_000;

/** A result whose JSON is there already. */
export interface ResultText {
  readonly type: 'text';
  readonly id: number;
  readonly text: string;
}

/**
 * What a host still has to tell one client. Answers go out as they come. Events are gathered, and where the client reads
 * slowly the newer of one kind replaces the older, so that it never slows a training or grows the host's memory.
 */
export class Outbox {
  readonly #socket: Socket;
  /** In the order of being told; of one key only the last. */
  readonly #events = new Map<string | symbol, string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#flush());
    socket.on('close', () => {
      if (this.#timer) clearTimeout(this.#timer);
      this.#events.clear();
    });
  }

  /** Sends an answer, behind all events told before. @throws ConfigError where it is too long; nothing is sent then. */
  answer(frame: FromHost | ResultText): void {
    const text = line(frame);
    // Whoever gets an answer must have heard what happened before it.
    this.#write([...this.#take(), text]);
  }

  /** @param key of events that replace each other; `null`: each counts. */
  event(frame: FromHost, key: string | null): void {
    if (this.#socket.destroyed) return;
    const at = key ?? Symbol();
    // To the end: what happened between the two came before the newer.
    this.#events.delete(at);
    this.#events.set(at, line(frame));
    if (this.#events.size > MOST_WAITING) this.#socket.destroy();
    else this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  /** Sends what is left and ends the connection. */
  end(): void {
    this.#write(this.#take());
    this.#socket.end();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    // The rest goes when the socket has drained.
    if (this.#events.size > 0 && this.#socket.writableLength < WELL_FILLED) this.#write(this.#take());
  }

  #take(): string[] {
    const lines = [...this.#events.values()];
    this.#events.clear();
    return lines;
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0 && this.#socket.writable) this.#socket.write(lines.join(''));
  }
}

function line(frame: FromHost | ResultText): string {
  const text = frame.type === 'text' ? resultLine(frame) : JSON.stringify(frame);
  // Letters may take more than a byte each: only where it could matter are they counted.
  if (3 * text.length > LONGEST_FRAME && Buffer.byteLength(text) > LONGEST_FRAME)
    throw new ConfigError(
      'an answer is too long for one frame',
      'Ask for less at a time: fewer experiments, fewer points.',
    );
  return `${text}\n`;
}

function resultLine({ id, text }: ResultText): string {
  return `{"type":"result","id":${id},"output":${text}}`;
}
