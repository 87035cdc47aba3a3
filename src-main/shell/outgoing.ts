/** Characters that main has been sent and the host has not taken; above, more waits in the page. */
const WELL_FILLED = 512 * 1024;

/** The page's frames to the host, sent no faster than it takes them, so that what a host leaves lying never fills main. */
export class Outgoing {
  readonly #send: (line: string) => void;
  /** Lengths of what was sent and is not taken. */
  #under: number[] = [];
  #waiting: string[] = [];

  constructor(send: (line: string) => void) {
    this.#send = send;
  }

  add(line: string): void {
    this.#waiting.push(line);
    this.#passOn();
  }

  /** The oldest that was sent has been taken. */
  taken(): void {
    this.#under.shift();
    this.#passOn();
  }

  /** The connection is another: what waits was meant for the one before. */
  forget(): void {
    this.#waiting = [];
  }

  #passOn(): void {
    while (this.#waiting.length > 0 && this.#under.reduce((sum, length) => sum + length, 0) < WELL_FILLED) {
      const line = this.#waiting.shift() ?? '';
      this.#under.push(line.length);
      this.#send(line);
    }
  }
}
