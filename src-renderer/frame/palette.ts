/** Something the palette can do or open. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  /** Heading it stands under. */
  readonly group: string;
  readonly hint?: string | undefined;
  readonly shortcut?: string | undefined;
  /** Words that find it besides its title. */
  readonly words?: string | undefined;
  readonly run: () => unknown;
}

/** Entries that fit what is typed, best first: each word must be somewhere; a title that begins with it counts most. */
export function matching(entries: readonly Entry[], text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = entries.flatMap((entry, index) => {
    const score = words.reduce((sum, word) => sum + scoreOf(entry, word), 0);
    return Number.isFinite(score) ? [{ entry, index, score }] : [];
  });
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).map(({ entry }) => entry);
}

function scoreOf({ title, words = '', hint = '' }: Entry, word: string): number {
  const text = title.toLowerCase();
  if (text.startsWith(word)) return 3;
  if (text.includes(` ${word}`)) return 2;
  if (text.includes(word)) return 1;
  return `${words} ${hint}`.toLowerCase().includes(word) ? 0.5 : -Infinity;
}

/** Under headings, in the order in which they first appear. */
export function grouped(entries: readonly Entry[]): { readonly title: string; readonly entries: Entry[] }[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return [...groups].map(([title, members]) => ({ title, entries: members }));
}
