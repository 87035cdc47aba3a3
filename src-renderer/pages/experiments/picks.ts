import { computed, shallowRef } from 'vue';
import type { TableRow } from '../../../src-main/contract/api/table.ts';

/** Which lines are chosen, and which of them the keyboard is at. */
export class Picks {
  /** By key, with what was shown of them then. */
  readonly #chosen = shallowRef<ReadonlyMap<string, TableRow>>(new Map());
  /** Line that the keyboard is at; −1: none. */
  readonly #active = shallowRef(-1);
  /** Line from which a range is chosen. */
  #anchor = -1;

  readonly rows = computed(() => [...this.#chosen.value.values()]);
  readonly active = computed(() => this.#active.value);

  has(key: string): boolean {
    return this.#chosen.value.has(key);
  }

  /** Goes to a line and chooses it alone. */
  only(line: number, row: TableRow | undefined): void {
    this.#active.value = this.#anchor = line;
    this.#chosen.value = new Map(row ? [[row.key, row]] : []);
  }

  /** Goes to a line; what is chosen stays. */
  goTo(line: number): void {
    this.#active.value = line;
  }

  /** Chooses a line, or no longer. */
  toggle(line: number, row: TableRow | undefined): void {
    this.#active.value = this.#anchor = line;
    if (!row) return;
    const next = new Map(this.#chosen.value);
    if (!next.delete(row.key)) next.set(row.key, row);
    this.#chosen.value = next;
  }

  /** Chooses all from where a range began to this line, and nothing else. @param rowAt what stands at a line, where it is there */
  extend(line: number, rowAt: (line: number) => TableRow | undefined): void {
    if (this.#anchor < 0) this.#anchor = Math.max(0, this.#active.value);
    this.#active.value = line;
    const [from, to] = [Math.min(this.#anchor, line), Math.max(this.#anchor, line)];
    const next = new Map<string, TableRow>();
    for (let each = from; each <= to; each++) {
      const row = rowAt(each);
      if (row) next.set(row.key, row);
    }
    this.#chosen.value = next;
  }

  choose(rows: readonly TableRow[]): void {
    this.#chosen.value = new Map(rows.map((row) => [row.key, row]));
  }

  /** Takes over what rows have become; those that went stay until they are said to be gone. */
  renew(rows: Iterable<TableRow>): void {
    if (this.#chosen.value.size === 0) return;
    const next = new Map(this.#chosen.value);
    for (const row of rows) if (next.has(row.key)) next.set(row.key, row);
    this.#chosen.value = next;
  }

  clear(): void {
    if (this.#chosen.value.size > 0) this.#chosen.value = new Map();
    this.#anchor = -1;
  }

  /** The keyboard is nowhere. */
  leave(): void {
    this.#active.value = this.#anchor = -1;
  }
}
