import type { Database } from './database.ts';

/** Settings of the library: JSON values by name. What they mean is known to those who read them. Part of `Store`. */
export class SettingTable {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      all: db.prepare<{ key: string; value: string }>('SELECT key, value FROM settings ORDER BY key'),
      put: db.prepare(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ),
      remove: db.prepare('DELETE FROM settings WHERE key = ?'),
    };
  }

  all(): Record<string, unknown> {
    return Object.fromEntries(
      this.#sql.all.all().map(({ key, value }) => [key, JSON.parse(value) as unknown]),
    );
  }

  /** @param value JSON; `undefined` goes back to the default. */
  put(key: string, value: unknown): void {
    if (value === undefined) this.#sql.remove.run(key);
    else this.#sql.put.run(key, JSON.stringify(value));
  }
}
