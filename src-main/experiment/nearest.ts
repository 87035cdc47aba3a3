/** Number of single-character insertions, deletions, replacements and swaps of neighbours between two words. */
function distance(a: string, b: string): number {
  const table: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => table[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    table.push(line);
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + cost);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, at(row - 2, column - 2) + 1);
      line.push(best);
    }
  }
  return at(a.length, b.length);
}

/** The known word someone who typed `word` most likely meant; `undefined` where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const candidate of known) {
    const target = candidate.toLowerCase();
    const prefix = typed.length >= 3 && (target.startsWith(typed) || typed.startsWith(target));
    const far = prefix ? Math.min(1, distance(typed, target)) : distance(typed, target);
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

/** `did you mean "x"?` where something is near, else the whole list. */
export function suggestion(word: string, known: readonly string[], things: string): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length > 0 ? `known ${things}: ${known.join(', ')}` : `there are no ${things} here`;
}
