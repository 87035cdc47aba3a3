"""Reference numbers for the unit tests, computed with NumPy alone and written independently of the TypeScript.

    python3 e2e/verify/reference.py

rewrites the files in e2e/verify/fixtures. They are committed, so the tests need no Python. Where the
specification (method.md) is a formula, the formula is evaluated here in its plainest form: masks by sorting
everything, counts with exact fractions, ECE with one comparison for each bin.
"""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "fixtures"
RANDOM = np.random.default_rng(20240507)


def write(name, content):
    HERE.mkdir(exist_ok=True)
    text = json.dumps(content, separators=(",", ":"))
    (HERE / name).write_text(text.replace(',"', ',\n"') + "\n")


def floats(array):
    """Shortest decimals that read back as the same float32."""
    assert array.dtype == np.float32
    return [float(str(value)) for value in array.ravel()]


# Masks: exactly `alive` weights with the largest |w| among those alive; ties to the earlier weight, counted
# through the tensors sorted by name, in C order.

SHAPES = {
    "stem/kernel": (3, 3, 3, 4),
    "block2/conv/kernel": (3, 3, 4, 4),
    "block10/conv/kernel": (1, 1, 4, 8),
    "block10/norm/scale": (8,),
    "block10/norm/offset": (8,),
    "Head/kernel": (8, 5),
    "Head/bias": (5,),
}


def prunable(name, classifier):
    return name.endswith("/kernel") and (classifier or not name.startswith("Head"))


def next_mask(weights, mask, alive, classifier):
    names = [name for name in sorted(weights) if prunable(name, classifier)]
    magnitude = np.abs(np.concatenate([weights[name].ravel() for name in names]))
    before = np.concatenate([mask[name].ravel() for name in names])
    position = np.arange(magnitude.size)
    # Last key first: the pruned go last, then falling magnitude, then rising position.
    ranking = np.lexsort((position, -magnitude.astype(np.float64), before == 0))
    flat = np.zeros(magnitude.size, dtype=np.uint8)
    flat[ranking[:alive]] = 1
    result, start = {}, 0
    for name in names:
        size = weights[name].size
        result[name] = flat[start : start + size].reshape(weights[name].shape)
        start += size
    return result


def mask_case(title, draw, fraction, rounds, classifier):
    count = sum(math.prod(shape) for name, shape in SHAPES.items() if prunable(name, classifier))
    mask = {name: np.ones(SHAPES[name], np.uint8) for name in SHAPES if prunable(name, classifier)}
    steps = []
    for r in range(1, rounds + 1):
        weights = {name: draw(shape).astype(np.float32) for name, shape in SHAPES.items()}
        for name in mask:
            weights[name] *= mask[name]  # gives −0 as well: it must tie with +0
        alive = math.floor((1 - Fraction(fraction)) ** r * count + Fraction(1, 2))
        mask = next_mask(weights, mask, alive, classifier)
        assert sum(int(m.sum()) for m in mask.values()) == alive
        steps.append(
            {
                "alive": alive,
                "weights": {name: floats(w) for name, w in weights.items()},
                "mask": {name: "".join(map(str, m.ravel())) for name, m in mask.items()},
            }
        )
    return {"title": title, "pruneClassifier": classifier, "prunable": count, "rounds": steps}


def masks():
    normal = RANDOM.standard_normal
    cases = [
        mask_case("normal weights", normal, "0.2", 4, False),
        mask_case("many ties", lambda shape: np.round(normal(shape) * 2) / 4, "0.2", 4, False),
        mask_case("two magnitudes, both signs", lambda shape: RANDOM.choice([-1.0, 1.0, -0.5, 0.5], shape), "0.5", 4, True),
        mask_case("mostly zeros", lambda shape: normal(shape) * (RANDOM.random(shape) < 0.3), "0.3", 3, True),
    ]
    write("masks.json", {"shapes": SHAPES, "cases": cases})


# Counts: floor((1 − p)^r · P + 1/2), with exact fractions.


def counts():
    def geometric(fraction, rounds, prunable):
        kept = 1 - Fraction(fraction)
        return [math.floor(kept**r * prunable + Fraction(1, 2)) for r in range(rounds + 1)]

    def explicit(sparsities, prunable):
        return [prunable] + [math.floor((1 - Fraction(s)) * prunable + Fraction(1, 2)) for s in sparsities]

    cases = []
    for fraction, rounds, prunable in [
        ("0.2", 20, 266_200), ("0.2", 18, 270_896), ("0.2", 30, 25_502_912), ("0.4", 7, 77_360),
        ("0.3", 12, 265_200), ("0.3", 3, 50), ("0.1", 6, 50), ("0.5", 12, 4095), ("0.25", 9, 1002), ("1e-7", 3, 20_000_000),
    ]:
        alive = geometric(fraction, rounds, prunable)
        if fraction == "0.2":  # no half-way cases here: plain floating point must agree
            assert alive == [math.floor(0.8**r * prunable + 0.5) for r in range(rounds + 1)]
        spec = {"kind": "geometric", "fraction": float(fraction), "rounds": rounds}
        cases.append({"spec": spec, "prunable": prunable, "alive": alive})
    lists = [["0.2", "0.36", "0.488"], ["0.5", "0.9", "0.95", "0.99"], ["0.001", "0.999"]]
    for sparsities in lists:
        for prunable in [50, 1_005, 266_200]:
            spec = {"kind": "explicit", "sparsities": [float(s) for s in sparsities]}
            cases.append({"spec": spec, "prunable": prunable, "alive": explicit(sparsities, prunable)})
    write("counts.json", cases)


# Averages and when SWA takes its snapshots.


def averages():
    cases = []
    for n in (1, 2, 3, 4, 7):
        vectors = (RANDOM.standard_normal((n, 64)) * 10.0 ** RANDOM.integers(-6, 4, 64)).astype(np.float32)
        vectors[:, ::5] = 0
        mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        cases.append({"vectors": [floats(v) for v in vectors], "mean": floats(mean)})
    # Averaged one after another (Izmailov et al. 2018, equation in section 3.2), in float64.
    snapshots = RANDOM.standard_normal((5, 64)).astype(np.float32)
    running = snapshots[0].astype(np.float64)
    for k in range(1, 5):
        running = (running * k + snapshots[k]) / (k + 1)
    swa = {"vectors": [floats(v) for v in snapshots], "mean": [float(v) for v in running]}
    write("averages.json", {"equal": cases, "running": swa, "snapshots": snapshot_cases()})


def snapshot_cases():
    cases = []
    for iterations, epoch, start, every in [
        (700, 70, "0.5", "epoch"), (700, 70, "0.75", "epoch"), (100, 10, "0.57", "epoch"),
        (700, 70, "0.5", 35), (101, 50, "0.5", 7), (101, 50, "0.3", "epoch"), (10, 10, "0.5", "epoch"),
    ]:
        begin = math.floor(Fraction(start) * iterations + Fraction(1, 2))
        due = [
            done
            for done in range(begin + 1, iterations + 1)
            if (done % epoch == 0 if every == "epoch" else (done - begin) % every == 0)
        ]
        swa = {"start": float(start), "learningRate": 0.05, "every": every}
        cases.append({"iterations": iterations, "iterationsPerEpoch": epoch, "swa": swa, "snapshots": due})
    return cases


# Metrics.


def metrics(probabilities, labels):
    p = probabilities.astype(np.float64)
    correct = np.argmax(p, axis=1) == labels
    confidence = p.max(axis=1)
    tiny = float(np.finfo(np.float32).tiny)
    nll = -np.log(np.clip(p[np.arange(len(labels)), labels], tiny, None)).mean()
    edges = [Fraction(k, 15) for k in range(16)]
    ece = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = np.array([low < Fraction(c) <= high for c in confidence])
        if inside.any():
            ece += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    # The same with the histogram functions.
    bins = np.digitize(confidence, np.linspace(0, 1, 16), right=True)
    share = np.bincount(bins, minlength=17) / len(labels)
    gap = np.bincount(bins, correct - confidence, minlength=17) / np.maximum(np.bincount(bins, minlength=17), 1)
    assert abs(ece - float((share * np.abs(gap)).sum())) < 1e-12
    return {"accuracy": float(correct.mean()), "nll": float(nll), "ece": float(ece)}


def predictions(images, classes, labels, sharpness):
    logits = RANDOM.standard_normal((images, classes)) * sharpness
    logits[np.arange(images), labels] += sharpness
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    # Few digits keep the file small.
    return np.round(e / e.sum(axis=1, keepdims=True), 5).astype(np.float32)


def quality():
    images, classes = 120, 10
    labels = RANDOM.integers(0, classes, images)
    members = [predictions(images, classes, labels, s) for s in (0.5, 1.5, 4.0)]
    members[2][0] = 0  # the label's probability underflowed
    members[2][0, (labels[0] + 1) % classes] = 1
    members[0][1] = np.float32(0.1)  # ten equal classes: the first one wins
    members[1][2] = 0
    members[1][2, [3, 7]] = 0.5
    mean = np.mean([m.astype(np.float64) for m in members], axis=0)
    write(
        "metrics.json",
        {
            "classes": classes,
            "labels": labels.tolist(),
            "members": [floats(m) for m in members],
            "metrics": [metrics(m, labels) for m in members],
            "mean": floats(mean.astype(np.float32)),
            "ensemble": metrics(mean.astype(np.float32), labels),
        },
    )


if __name__ == "__main__":
    masks()
    counts()
    averages()
    quality()
