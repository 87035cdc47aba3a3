/** A complete experiment with a name; registered by one line in ../presets.ts. */
export interface Preset {
  readonly name: string;
  /** One line for `swamp presets`. */
  readonly title: string;
  /** What it takes and what has to be set first, if anything. */
  readonly notes: string;
  /** As a user would write it in a file. */
  readonly config: Readonly<Record<string, unknown>>;
}
