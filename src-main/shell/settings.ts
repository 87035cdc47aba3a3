import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'fs';
import { dirname } from 'path';
import { z } from 'zod';

/** Files that the menu offers to open again. */
const MOST_RECENT = 10;

const Settings = z.object({
  /** Folder of the library that was open last; `null`: the default. */
  library: z.string().nullable().catch(null),
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  recent: z.array(z.string()).catch([]),
  bounds: z
    .object({
      x: z.number().int().optional(),
      y: z.number().int().optional(),
      width: z.number().int().min(1),
      height: z.number().int().min(1),
      maximized: z.boolean().optional(),
    })
    .nullable()
    .catch(null),
});
export type Settings = z.infer<typeof Settings>;

/** What the window remembers, in the user's data folder. A file that cannot be read costs what it held, nothing else. */
export class SettingsFile {
  readonly #path: string;
  #settings: Settings;

  constructor(path: string) {
    this.#path = path;
    this.#settings = Settings.parse(readJson(path));
  }

  get current(): Settings {
    return this.#settings;
  }

  set(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change };
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#settings, null, 2));
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // A disk that is full: the window goes on with what it knows.
    }
  }

  /** Puts a file first among the recent ones. */
  opened(file: string): void {
    const others = this.#settings.recent.filter((other) => other !== file);
    this.set({ recent: [file, ...others].slice(0, MOST_RECENT) });
  }
}

function readJson(path: string): object {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? read : {};
  } catch {
    return {};
  }
}
