import { computed, ref, shallowRef } from 'vue';
import type { Output } from '../../../src-main/contract/api/index.ts';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import { isAbort } from '../../lib/errors.ts';

/** Rows that are asked for at once. */
export const PAGE = 50;

/** Asks for rows. */
export type FetchRows = (offset: number, limit: number, signal: AbortSignal) => Promise<Output<'table.rows'>>;

/**
 * The rows of a long table, of which only those near what is shown are asked for and kept. Rows stay until others
 * come: after a change of the question, and while they are read anew.
 */
export class RowWindow {
  readonly #fetch: FetchRows;
  readonly #pages = shallowRef<ReadonlyMap<number, readonly TableRow[]>>(new Map());
  readonly #total = ref(0);
  /** Runs in the library; `null` until it is known. */
  readonly runs = ref<number | null>(null);
  readonly error = shallowRef<unknown>(null);
  /** Whether what is shown answers an older question. */
  readonly stale = ref(true);
  /** Rows on the screen. */
  #first = 0;
  #last = PAGE - 1;
  #asking = new Map<number, AbortController>();

  readonly total = computed(() => this.#total.value);
  /** Grows with each answer. */
  readonly rows = computed(() => this.#pages.value);

  constructor(fetch: FetchRows) {
    this.#fetch = fetch;
  }

  /** The row at a place; absent where it is not there yet. */
  at(index: number): TableRow | undefined {
    return this.#pages.value.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Places of rows that are there, by their keys. */
  places(): Map<string, number> {
    const places = new Map<string, number>();
    for (const [page, rows] of this.#pages.value)
      rows.forEach((row, index) => places.set(row.key, page * PAGE + index));
    return places;
  }

  /** Says which rows are on the screen; what is missing is asked for. */
  need(first: number, last: number): void {
    this.#first = Math.max(0, first);
    this.#last = Math.max(first, last);
    if (this.stale.value) return;
    for (const page of this.#wanted()) if (!this.#pages.value.has(page)) void this.#load(page);
    for (const [page, asking] of this.#asking) {
      if (this.#wanted().includes(page)) continue;
      asking.abort();
      this.#asking.delete(page);
    }
  }

  /** The question has changed: begins at the top again. */
  async ask(): Promise<void> {
    this.#forget();
    this.stale.value = true;
    [this.#first, this.#last] = [0, PAGE - 1];
    await this.#load(0, true);
  }

  /** What is stored has changed: reads what is on the screen anew, the rest when it is needed. */
  async refresh(): Promise<void> {
    if (this.stale.value) return await this.ask();
    this.#forget();
    const pages = this.#wanted();
    const controller = new AbortController();
    for (const page of pages) this.#asking.set(page, controller);
    try {
      const answers = await Promise.all(
        pages.map((page) => this.#fetch(page * PAGE, PAGE, controller.signal)),
      );
      if (controller.signal.aborted) return;
      this.#take(new Map(answers.map(({ rows }, index) => [pages[index] ?? 0, rows])), answers[0]);
    } catch (error) {
      this.#failed(error, controller);
    } finally {
      for (const page of pages) if (this.#asking.get(page) === controller) this.#asking.delete(page);
    }
  }

  async #load(page: number, afresh = false): Promise<void> {
    if (this.#asking.has(page)) return;
    const controller = new AbortController();
    this.#asking.set(page, controller);
    try {
      const answer = await this.#fetch(page * PAGE, PAGE, controller.signal);
      if (controller.signal.aborted) return;
      this.#take(new Map([...(afresh ? [] : this.#pages.value), [page, answer.rows]]), answer);
    } catch (error) {
      this.#failed(error, controller);
    } finally {
      if (this.#asking.get(page) === controller) this.#asking.delete(page);
    }
  }

  #take(pages: ReadonlyMap<number, readonly TableRow[]>, answer: Output<'table.rows'> | undefined): void {
    this.#pages.value = pages;
    if (answer) [this.#total.value, this.runs.value] = [answer.total, answer.runs];
    this.error.value = null;
    this.stale.value = false;
  }

  #failed(error: unknown, { signal }: AbortController): void {
    if (!signal.aborted && !isAbort(error)) this.error.value = error;
  }

  #forget(): void {
    for (const asking of this.#asking.values()) asking.abort();
    this.#asking.clear();
  }

  #wanted(): number[] {
    const [from, to] = [Math.floor(this.#first / PAGE), Math.floor(this.#last / PAGE)];
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  }
}
