"""Scores at initialisation and Hessian-vector products by PyTorch, in float64 and written independently of the
TypeScript, for a residual network with batch norm and stride 2 (ResNet-8).

    python3 e2e/verify/scores_reference.py OUT [--cifar DIR]

writes OUT/scores.safetensors (width 4, 16×16 images; scores.ts compares), and

    python3 e2e/verify/scores_reference.py --fixture

rewrites fixtures/scores.json (width 2, 8×8 images), which the unit tests read without Python.

- SNIP: |dL/dc| of the connection mask c at 1, by differentiating with respect to c itself.
- GraSP: -w·Hg by double backward, logits divided by 200, g the gradient of the prunable weights.
- SynFlow: R of |w|, ones, no batch norm; 100 masks by sorting everything.
"""

import argparse
import base64
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F

from torch_reference import NORMALISATION, ResNet8, our_name, ours, pictures, statistics_of

TEMPERATURE = 200
STEPS = 100
SPARSITY = 0.9
# Images of each class. Derivatives are means over batches, scores are of all images at once.
PER_CLASS, BATCHES = 10, 2


def build(width, seed, dtype):
    torch.manual_seed(seed)
    model = ResNet8(width)
    with torch.no_grad():
        for value in model.parameters():
            if value.ndim > 1:
                nn.init.kaiming_normal_(value)
            else:
                # Not the ones and zeros of an initialisation, so that nothing is right by chance.
                value += 0.2 * torch.randn_like(value)
    return model.to(dtype)


def prunable(name, value):
    return value.ndim > 1 and not name.startswith("classifier")


def batches_of(images, labels, dtype, batches):
    """Normalised, the classes alike in each batch."""
    mean, deviation = (torch.tensor(values, dtype=dtype).view(1, -1, 1, 1) for values in NORMALISATION["resnet8"])
    x = (torch.from_numpy(images).permute(0, 3, 1, 2).to(dtype) / 255 - mean) / deviation
    return list(zip(x.chunk(batches), torch.from_numpy(labels.astype(np.int64)).chunk(batches)))


def snip(model, batches):
    parameters = dict(model.named_parameters())
    connections = {name: torch.ones_like(value, requires_grad=True) for name, value in parameters.items() if prunable(name, value)}
    loss = 0
    for x, y in batches:
        masked = {name: value.detach() * connections.get(name, 1) for name, value in parameters.items()}
        loss = loss + F.cross_entropy(functional_call(model, masked, x), y)
    grads = torch.autograd.grad(loss, list(connections.values()))
    return {name: grad.abs() for name, grad in zip(connections, grads)}


def gradients(model, batches, temperature, create_graph=False):
    """Mean over the batches, of all parameters."""
    loss = sum(F.cross_entropy(model(x) / temperature, y) for x, y in batches) / len(batches)
    return torch.autograd.grad(loss, list(model.parameters()), create_graph=create_graph)


def hessian_times(model, batches, vector, temperature):
    grads = gradients(model, batches, temperature, create_graph=True)
    slope = sum((grad * direction).sum() for grad, direction in zip(grads, vector))
    return torch.autograd.grad(slope, list(model.parameters()))


def grasp(model, batches):
    named = list(model.named_parameters())
    grads = gradients(model, batches, TEMPERATURE)
    vector = [grad if prunable(name, value) else torch.zeros_like(grad) for (name, value), grad in zip(named, grads)]
    product = hessian_times(model, batches, vector, TEMPERATURE)
    return {name: -value.detach() * each for (name, value), each in zip(named, product) if prunable(name, value)}


class Flow(nn.Module):
    """The network without batch norm."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        for block in [model, model.stage1, model.stage2, model.stage3]:
            for name, child in list(block.named_children()):
                if isinstance(child, nn.BatchNorm2d):
                    setattr(block, name, nn.Identity())

    def forward(self, x):
        return self.model(x)


def synflow(model, side):
    """Scores of the first step, and the mask after 100."""
    flow = Flow(model).double()
    parameters = {name: value.detach().abs() for name, value in flow.model.named_parameters()}
    names = sorted((our_name(name), name) for name, value in parameters.items() if prunable(name, value))
    total = sum(parameters[name].numel() for _, name in names)
    alive = int(total * (1 - SPARSITY) + 0.5)
    masks = {name: torch.ones_like(parameters[name]) for _, name in names}
    first = None
    for step in range(1, STEPS + 1):
        current = {name: (value * masks.get(name, 1)).requires_grad_() for name, value in parameters.items()}
        ones = torch.ones(1, 3, side, side, dtype=torch.float64)
        result = functional_call(flow.model, current, ones).sum()
        grads = torch.autograd.grad(result, [current[name] for _, name in names])
        scores = {name: (current[name] * grad).abs().detach() for (_, name), grad in zip(names, grads)}
        first = first or scores
        stay = alive if step == STEPS else int(total * (alive / total) ** (step / STEPS) + 0.5)
        flat = np.concatenate([ours(scores[name]).ravel() for _, name in names])
        before = np.concatenate([ours(masks[name]).ravel() for _, name in names])
        ranking = np.lexsort((np.arange(flat.size), -flat, before == 0))
        kept = np.zeros(flat.size)
        kept[ranking[:stay]] = 1
        at = 0
        for _, name in names:
            shape = ours(masks[name]).shape
            size = int(np.prod(shape))
            masks[name] = torch.from_numpy(kept[at : at + size].reshape(shape).transpose(3, 2, 0, 1).copy())
            at += size
    return first, masks


def estimate(model, batches):
    """Batch-norm statistics: means over the batches."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    model.train()
    with torch.no_grad():
        for x, _ in batches:
            model(x)


def compute(images, labels, width, seed, dtype):
    model = build(width, seed, dtype)
    model.train()
    batches = batches_of(images, labels, dtype, BATCHES)
    everything = batches_of(images, labels, dtype, 1)
    parameters = dict(model.named_parameters())
    vector = [torch.from_numpy(np.random.default_rng(7).standard_normal(value.shape)).float().to(dtype) for value in parameters.values()]
    named = lambda values: {our_name(name): ours(value) for name, value in zip(parameters, values)}
    renamed = lambda values: {our_name(name): ours(value) for name, value in values.items()}
    made = {
        "weights": named(list(parameters.values())),
        "vector": named(vector),
        "gradient": named(gradients(model, batches, 1)),
        "product": named(hessian_times(model, batches, vector, 1)),
        "snip": renamed(snip(model, everything)),
        "grasp": renamed(grasp(model, everything)),
    }
    estimate(model, batches)
    made["statistics"] = statistics_of(model)
    model.eval()
    made["frozen"] = named(hessian_times(model, batches, vector, 1))
    model.train()
    first, masks = synflow(build(width, seed, dtype), images.shape[1])
    made["synflow"] = renamed(first)
    made["mask"] = renamed(masks)
    return made


def apart(one, other):
    flat = lambda values: np.concatenate([value.ravel().astype(np.float64) for value in values.values()])
    return float(np.linalg.norm(flat(one) - flat(other)) / np.linalg.norm(flat(other)))


def chosen(images, labels, width):
    """
    The first seed on which PyTorch's own float32 agrees with its float64, as in torch_reference.py: a ReLU that
    rounding decides has no second derivative that two implementations could agree on.
    """
    for seed in range(1, 30):
        exact = compute(images, labels, width, seed, torch.float64)
        single = compute(images, labels, width, seed, torch.float32)
        distance = max(apart(single[what], exact[what]) for what in ("gradient", "product", "frozen", "snip", "grasp"))
        print(f"scores, seed {seed}: float32 and float64 are {distance:.1e} apart", flush=True)
        if distance < 1e-4:
            return seed, distance, exact
    raise SystemExit("no seed on which PyTorch agrees with itself")


def balanced(images, labels):
    """The first images of each class, one of each in turn."""
    rows = [np.flatnonzero(labels == label)[:PER_CLASS] for label in range(10)]
    order = np.stack(rows, 1).ravel()
    return np.ascontiguousarray(images[order]), labels[order]


def single(array):
    return np.ascontiguousarray(array, dtype=np.float32)


def encoded(values):
    flat = np.concatenate([single(values[name]).ravel() for name in sorted(values)])
    return base64.b64encode(flat.tobytes()).decode()


def fixture():
    random = np.random.default_rng(5)
    labels = np.repeat(np.arange(10, dtype=np.uint8), PER_CLASS)
    images, labels = balanced(random.integers(0, 256, (len(labels), 8, 8, 3)).astype(np.uint8), labels)
    seed, distance, made = chosen(images, labels, 2)
    mask = made.pop("mask")
    content = {
        "about": f"scores_reference.py with PyTorch {torch.__version__}, seed {seed}; float32 vectors in base64, tensors sorted by name",
        "width": 2,
        "batches": BATCHES,
        "temperature": TEMPERATURE,
        "sparsity": SPARSITY,
        "mean": NORMALISATION["resnet8"][0],
        "deviation": NORMALISATION["resnet8"][1],
        "side": 8,
        "images": base64.b64encode(images.tobytes()).decode(),
        "labels": "".join(str(label) for label in labels),
        "mask": "".join("".join(str(int(bit)) for bit in mask[name].ravel()) for name in sorted(mask)),
        **{what: encoded(values) for what, values in made.items() if what != "statistics"},
        # Every layer's means, then every layer's variances, in the order of the forward pass.
        "statistics": {name: [float(str(np.float32(value))) for value in values] for name, values in made["statistics"].items()},
    }
    text = json.dumps(content, separators=(",", ":")).replace(',"', ',\n"')
    (Path(__file__).parent / "fixtures/scores.json").write_text(text + "\n")


def main():
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--cifar")
    parser.add_argument("--fixture", action="store_true")
    arguments = parser.parse_args()
    if arguments.fixture:
        return fixture()
    images, labels = balanced(*pictures(arguments.cifar))
    seed, distance, made = chosen(images, labels, 4)
    tensors = {"images": images, "labels": labels}
    for what, values in made.items():
        tensors |= {f"{what}/{name}": single(value) for name, value in values.items()}
    about = {
        "torch": torch.__version__,
        "seed": seed,
        "float64": distance,
        "temperature": TEMPERATURE,
        "sparsity": SPARSITY,
        "batches": BATCHES,
        "mean": NORMALISATION["resnet8"][0],
        "deviation": NORMALISATION["resnet8"][1],
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, arguments.out / "scores.safetensors")
    (arguments.out / "scores.json").write_text(json.dumps(about, indent=1))


if __name__ == "__main__":
    main()
