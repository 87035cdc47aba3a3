"""Counts the zeros of an exported checkpoint with Python's `safetensors`, tensor by tensor, against its masks.

    python3 e2e/verify/count_zeros.py FILE

Exits with 1 where a pruned weight is not +0 to the bit, where a tensor has other zeros than its mask says, or
where there is no mask at all.
"""

import sys

import numpy as np
from safetensors.numpy import load_file


def main(path):
    tensors = load_file(path)
    masks = {name.removeprefix("mask/"): mask for name, mask in tensors.items() if name.startswith("mask/")}
    wrong = [] if masks else ["there is no mask in the file"]
    print(f"{'tensor':32} {'weights':>9} {'pruned':>9} {'zeros':>9}")
    totals = np.zeros(3, int)
    for name, mask in sorted(masks.items()):
        weights = tensors[name]
        if weights.shape != mask.shape or weights.dtype != np.float32 or mask.dtype != np.bool_:
            wrong.append(f"{name}: {weights.dtype}{weights.shape} under {mask.dtype}{mask.shape}")
            continue
        counts = np.array([weights.size, (~mask).sum(), (weights == 0).sum()])
        print(f"{name:32} {counts[0]:9d} {counts[1]:9d} {counts[2]:9d}")
        totals += counts
        if counts[1] != counts[2]:
            wrong.append(f"{name}: {counts[2]} zeros, {counts[1]} pruned")
        if weights.view(np.uint32)[~mask].any():
            wrong.append(f"{name}: a pruned weight is not +0")
    print(f"{'all':32} {totals[0]:9d} {totals[1]:9d} {totals[2]:9d}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
