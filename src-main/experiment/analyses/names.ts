import type { Figure } from '../../contract/figures.ts';

/** An arm's or a run's label as part of a figure's id: lower-case letters, digits and `-`. */
export function fileName(label: string): string {
  const name = label
    .toLowerCase()
    .replaceAll('+', '-plus')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return name === '' ? 'figure' : name;
}

/** The same figures with ids of their own, where labels that differ gave the same. */
export function uniqueIds(figures: readonly Figure[]): Figure[] {
  const taken = new Set<string>();
  return figures.map((figure) => {
    let id = figure.id;
    for (let at = 2; taken.has(id); at++) id = `${figure.id}-${at}`;
    taken.add(id);
    return { ...figure, id };
  });
}
