import { LONGEST_FRAME } from '../contract/names.ts';

/** Cuts a stream of bytes into lines. A line that is too long ends it. */
export class Lines {
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @returns the lines that are complete now. @throws RangeError where one is longer than a frame may be. */
  add(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, end));
      lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return lines;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > LONGEST_FRAME) throw new RangeError(`a frame is longer than ${LONGEST_FRAME} bytes`);
    this.#parts.push(part);
  }
}
