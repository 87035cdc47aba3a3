/**
 * Moves blocks of `size` bytes so that block `at` is what block `order[at]` was, in place: as much memory again
 * would be too much.
 * @param order a permutation of the blocks
 */
export function permute(bytes: Uint8Array, size: number, order: Int32Array): void {
  const moved = new Uint8Array(order.length);
  const kept = new Uint8Array(size);
  for (let start = 0; start < order.length; start++) {
    if (moved[start] === 1) continue;
    kept.set(bytes.subarray(start * size, (start + 1) * size));
    let at = start;
    for (;;) {
      moved[at] = 1;
      const from = order[at] as number;
      if (from === start) break;
      bytes.copyWithin(at * size, from * size, (from + 1) * size);
      at = from;
    }
    bytes.set(kept, at * size);
  }
}
