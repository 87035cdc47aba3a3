"""Trainings whose masks change on the way, by PyTorch and NumPy, written independently of the TypeScript: gradual
magnitude pruning, SET, RigL and DPF, alone and with particles that share the mask, of a residual network with batch
norm and stride 2 (ResNet-8).

    python3 e2e/verify/dynamic_reference.py OUT

writes OUT/dynamic.json (width 4, 16×16 images drawn at random; dynamic.ts compares), and

    python3 e2e/verify/dynamic_reference.py --fixture

rewrites fixtures/dynamic.json (width 2, 8×8 images), which the unit tests read without Python. In it are ERK densities and
the counts of the cubic schedule as well.

Sets of weights are found by sorting everything; ERK's densities by Evci et al.'s own loop, which makes the layers that
would exceed 1 dense one after another.
"""

import argparse
import base64
import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.func import functional_call
from torch.nn import functional as F

from scores_reference import build, prunable
from torch_reference import NORMALISATION, our_name, ours, pictures

HERE = Path(__file__).parent / "fixtures"
MOMENTUM, DECAY, CLASSES = 0.9, 5e-4, 10
SHAKE = 2e-7

# name, rule, particles, sparsity at the end, steps of snapshots
CASES = [
    ("gmp", {"kind": "gmp", "every": 4, "until": 0.75}, 1, 0.9, []),
    ("set", {"kind": "set", "every": 5, "until": 0.75, "fraction": 0.3}, 1, 0.8, []),
    ("rigl", {"kind": "rigl", "every": 5, "until": 0.75, "fraction": 0.3}, 1, 0.8, []),
    ("rigl+swamp", {"kind": "rigl", "every": 4, "until": 0.75, "fraction": 0.3}, 3, 0.8, [0.8, 0.9, 1]),
    ("dpf", {"kind": "dpf", "every": 4, "ramp": 0.5, "until": 1}, 1, 0.9, []),
    ("dpf+swamp", {"kind": "dpf", "every": 4, "ramp": 0.5, "until": 0.7}, 2, 0.9, [0.8, 0.9, 1]),
]


def half_up(value):
    return math.floor(value + 0.5)


def packed(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


# ERK


def erk_densities(shapes, density):
    """As `get_mask_random`'s sparsity distribution in the authors' code: a layer at a time becomes dense."""
    dense = set()
    while True:
        divisor, rhs, raw = 0.0, 0.0, {}
        for name, shape in shapes.items():
            size = float(np.prod(shape))
            if name in dense:
                rhs -= size * (1 - density)
            else:
                rhs += size * density
                raw[name] = sum(shape) / size
                divisor += raw[name] * size
        epsilon = rhs / divisor
        largest = max(raw.values())
        if epsilon * largest <= 1:
            return {name: 1.0 if name in dense else epsilon * raw[name] for name in shapes}
        dense |= {name for name, value in raw.items() if value == largest}


def whole_numbers(wanted, sizes, total):
    """Rounded down, the rest to those that lose most; the earlier first."""
    counts = {name: min(int(math.floor(value)), sizes[name]) for name, value in wanted.items()}
    order = sorted(counts, key=lambda name: (-(wanted[name] - counts[name]), list(counts).index(name)))
    rest = total - sum(counts.values())
    while rest > 0:
        for name in order:
            if rest > 0 and counts[name] < sizes[name]:
                counts[name] += 1
                rest -= 1
    return counts


def erk_counts(shapes, alive):
    sizes = {name: int(np.prod(shape)) for name, shape in shapes.items()}
    densities = erk_densities(shapes, alive / sum(sizes.values()))
    # A dense layer is whole; in floating point it may come out a hair below.
    wanted = {name: min(densities[name] * sizes[name], sizes[name]) for name in shapes}
    return whole_numbers(wanted, sizes, alive)


# The rules. Everything flat, layers in the order of their names.


def largest_of(scores, candidates, count):
    """Mask of the `count` largest among candidates; ties to the earlier."""
    ranking = np.lexsort((np.arange(scores.size), -scores.astype(np.float64), candidates == 0))
    chosen = np.zeros(scores.size, np.uint8)
    chosen[ranking[:count]] = 1
    return chosen


def cubic(start, end, progress):
    return end + half_up((start - end) * (1 - min(1, progress)) ** 3)


def updates_of(rule, steps):
    end = half_up(rule["until"] * steps)
    return [step for step in range(rule["every"], steps, rule["every"]) if step < end]


def next_mask(rule, step, steps, weights, gradient, mask, layers, alive, draws):
    """weights, gradient, mask: by layer, flat"""
    kind = rule["kind"]
    updates = updates_of(rule, steps)
    if kind in ("gmp", "dpf"):
        ramp = updates if kind == "gmp" else [each for each in updates if each <= half_up(rule["ramp"] * steps)]
        count = cubic(*alive, step / ramp[-1])
        scores = np.abs(np.concatenate([weights[name] for name in layers]))
        among = np.concatenate([mask[name] for name in layers]) if kind == "gmp" else np.ones(scores.size)
        chosen = largest_of(scores, among, count)
        ends = np.cumsum([mask[name].size for name in layers])
        return dict(zip(layers, np.split(chosen, ends[:-1])))
    share = rule["fraction"] / 2 * (1 + math.cos(math.pi * step / half_up(rule["until"] * steps)))
    result = {}
    for name in layers:
        there = int(mask[name].sum())
        replaced = int(share * there)
        kept = largest_of(np.abs(weights[name]), mask[name], there - replaced)
        if kind == "rigl":
            grown = largest_of(np.abs(gradient[name]), 1 - kept, replaced)
        else:
            # Without replacement: the i-th draw picks among those left, the first of which takes the picked one's place.
            free, grown = list(np.flatnonzero(kept == 0)), np.zeros_like(kept)
            for at in range(replaced):
                picked = at + draws.pop(0) % (len(free) - at)
                grown[free[picked]] = 1
                free[picked] = free[at]
        result[name] = kept | grown
    return result


# The training


def ours_flat(value):
    return ours(value).ravel()


def theirs(flat, like):
    """A flat vector in our order as a PyTorch tensor."""
    shape = ours(like).shape
    axes = {4: (3, 2, 0, 1), 2: (1, 0)}[len(shape)]
    return torch.from_numpy(np.ascontiguousarray(flat.reshape(shape).transpose(axes))).to(like.dtype)


def train(case, data, seed, width, batch, steps, rate, dtype, shaken=0):
    """shaken: number of a disturbance of the first weights by some roundings of float32; 0: none"""
    name, rule, particles, sparsity, snapshots = case
    images, labels = data
    random = np.random.default_rng(seed)
    model = build(width, seed, torch.float32)
    initial = {our_name(key): ours(value) for key, value in model.named_parameters()}
    model.to(dtype)
    parameters = {key: value.detach().clone() for key, value in model.named_parameters()}
    if shaken:
        chance = torch.Generator().manual_seed(shaken)
        for value in parameters.values():
            value *= 1 + SHAKE * torch.randn(value.shape, generator=chance, dtype=torch.float64).to(dtype)
    by_layer = {our_name(key): key for key, value in parameters.items() if prunable(key, value)}
    layers = sorted(by_layer)
    shapes = {layer: ours(parameters[by_layer[layer]]).shape for layer in layers}
    total = sum(int(np.prod(shape)) for shape in shapes.values())
    end = half_up(total * (1 - sparsity))
    sparse = rule["kind"] in ("set", "rigl")
    mask = {layer: np.ones(int(np.prod(shapes[layer])), np.uint8) for layer in layers}
    if sparse:
        for layer, count in erk_counts(shapes, end).items():
            mask[layer] = largest_of(random.random(mask[layer].size), mask[layer], count)
    start = sum(int(each.sum()) for each in mask.values())
    first = {layer: each.copy() for layer, each in mask.items()}
    order = random.integers(0, len(images), (particles, steps, batch)).astype(np.int32)
    draws = [int(each) for each in random.integers(0, 2**31, 4 * total)] if rule["kind"] == "set" else []
    drawn = list(draws)
    mean, deviation = (torch.tensor(values, dtype=dtype).view(1, -1, 1, 1) for values in NORMALISATION["resnet8"])
    feedback = rule["kind"] == "dpf"

    def masks():
        return {by_layer[layer]: theirs(mask[layer], parameters[by_layer[layer]]) for layer in layers}

    def gradients(at, indices):
        x = (torch.from_numpy(images[indices]).permute(0, 3, 1, 2).to(dtype) / 255 - mean) / deviation
        leaves = {key: value.detach().clone().requires_grad_() for key, value in at.items()}
        loss = F.cross_entropy(functional_call(model, leaves, x), torch.from_numpy(labels[indices].astype(np.int64)))
        return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values()))))

    def hidden(weights):
        return {key: weights[key] * current[key] if key in current else weights[key] for key in weights}

    current = masks()
    group = []
    for _ in range(particles):
        weights = {key: value.clone() for key, value in parameters.items()}
        group.append({"w": weights if feedback else hidden(weights), "v": {key: torch.zeros_like(value) for key, value in weights.items()}, "sum": None, "count": 0})
    updates, after = updates_of(rule, steps), []
    for step in range(steps):
        if step in updates:
            middle = {key: sum(each["w"][key] for each in group) / particles for key in parameters}
            grown = None
            if rule["kind"] == "rigl":
                found = [gradients(middle, order[particle, step]) for particle in range(particles)]
                grown = {layer: ours_flat(sum(each[by_layer[layer]] for each in found) / particles) for layer in layers}
            flat = {layer: ours_flat(middle[by_layer[layer]]) for layer in layers}
            mask = next_mask(rule, step, steps, flat, grown, mask, layers, (start, end), drawn)
            current = masks()
            after.append("".join(str(bit) for layer in layers for bit in mask[layer]))
            if not feedback:
                for each in group:
                    each["w"], each["v"] = hidden(each["w"]), hidden(each["v"])
            if rule["kind"] == "rigl":
                continue
        for particle, each in enumerate(group):
            found = gradients(hidden(each["w"]), order[particle, step])
            for key, weight in each["w"].items():
                gradient = found[key] + DECAY * weight
                if not feedback and key in current:
                    gradient = gradient * current[key]
                each["v"][key] = MOMENTUM * each["v"][key] + gradient
                each["w"][key] = weight - rate * each["v"][key]
            if step + 1 in [half_up(share * steps) for share in snapshots]:
                taken = hidden(each["w"])
                each["sum"] = taken if each["sum"] is None else {key: each["sum"][key] + taken[key] for key in taken}
                each["count"] += 1
    final = []
    for each in group:
        solution = hidden(each["w"]) if each["sum"] is None else {key: each["sum"][key] / each["count"] for key in each["sum"]}
        final.append({our_name(key): ours(value) for key, value in solution.items()})
    return {
        "name": name,
        "rule": rule,
        "particles": particles,
        "steps": steps,
        "batch": batch,
        "width": width,
        "start": start,
        "end": end,
        "snapshots": [half_up(share * steps) for share in snapshots],
        "draws": draws[: len(draws) - len(drawn)],
        "weights": initial,
        "mask": first,
        "batches": order,
        "masks": after,
        "final": final,
    }


def apart(one, other):
    """‖a − b‖ / ‖b‖ of all particles' weights."""
    pairs = [(a[key], b[key]) for a, b in zip(one["final"], other["final"]) for key in a]
    return math.sqrt(sum(float(((a - b) ** 2).sum()) for a, b in pairs) / sum(float((b**2).sum()) for _, b in pairs))


def found(case, data, *size):
    """The first seed on which PyTorch in float64 keeps every mask, and nearly its weights, in float32 and from weights
    that are some roundings away: elsewhere two weights are too close to each other for any rounding to tell them apart."""
    for seed in range(1, 200):
        double = train(case, data, seed, *size, torch.float64)
        distance, same = 0.0, True
        for shaken in range(4):
            dtype = torch.float64 if shaken else torch.float32
            other = train(case, data, seed, *size, dtype, shaken)
            same = same and other["masks"] == double["masks"]
            distance = max(distance, apart(other, double))
            if not same or distance >= 1e-4:
                break
        print(f"{case[0]}, seed {seed}: roundings make {distance:.1e}, masks {'the same' if same else 'differ'}", flush=True)
        if same and distance < 1e-4:
            return {**double, "seed": seed, "float64": distance}
    raise SystemExit(f"{case[0]}: no seed on which PyTorch agrees with itself")


def as_json(case):
    return {
        **case,
        "weights": {key: packed(value) for key, value in case["weights"].items()},
        "mask": {key: packed(value) for key, value in case["mask"].items()},
        "batches": packed(case["batches"]),
        "final": [{key: packed(value.astype(np.float32)) for key, value in each.items()} for each in case["final"]],
    }


def content(data, width, batch, steps, rate):
    images, labels = data
    return {
        "torch": torch.__version__,
        "momentum": MOMENTUM,
        "weightDecay": DECAY,
        "rate": rate,
        "classes": CLASSES,
        "mean": NORMALISATION["resnet8"][0],
        "deviation": NORMALISATION["resnet8"][1],
        "shape": list(images.shape[1:]),
        "images": packed(images),
        "labels": packed(labels),
        "cases": [as_json(found(case, data, width, batch, steps, rate)) for case in CASES],
    }


RESNET20 = {
    f"stage{stage}/block{block}/conv{conv}/kernel": (3, 3, 16 * 2 ** (stage - 1) // (2 if block == 1 and conv == 1 and stage > 1 else 1), 16 * 2 ** (stage - 1))
    for stage in (1, 2, 3)
    for block in (1, 2, 3)
    for conv in (1, 2)
} | {"stem/kernel": (3, 3, 3, 16), "classifier/kernel": (64, 10)}
LENET = {"dense1/kernel": (784, 300), "dense2/kernel": (300, 100)}


def main():
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--fixture", action="store_true")
    arguments = parser.parse_args()
    if arguments.fixture:
        random = np.random.default_rng(7)
        images = random.integers(0, 256, (96, 8, 8, 3)).astype(np.uint8)
        labels = random.integers(0, CLASSES, 96).astype(np.uint8)
        erk = []
        for shapes in (LENET, RESNET20):
            shapes = {name: shapes[name] for name in sorted(shapes)}
            total = sum(int(np.prod(shape)) for shape in shapes.values())
            for sparsity in (0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99):
                alive = half_up(total * (1 - sparsity))
                erk.append({"shapes": shapes, "alive": alive, "counts": erk_counts(shapes, alive)})
        cubics = [{"start": s, "end": e, "progress": p, "alive": cubic(s, e, p)} for s, e in ((76720, 7672), (1000, 50)) for p in (0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1)]
        made = {**content((images, labels), 2, 16, 20, 0.02), "erk": erk, "cubic": cubics}
        (HERE / "dynamic.json").write_text(json.dumps(made, separators=(",", ":")).replace(',"', ',\n"') + "\n")
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    images, labels = pictures(None)
    (arguments.out / "dynamic.json").write_text(json.dumps(content((images[:1000], labels[:1000]), 4, 32, 30, 0.002)))


if __name__ == "__main__":
    main()
