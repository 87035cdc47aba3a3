/** Something to choose. */
export interface Option {
  readonly value: string;
  readonly title: string;
  /** A word or two more. */
  readonly hint?: string | undefined;
  readonly disabled?: boolean | undefined;
}
