"""
One training step of ResNet-20 (width 16), batch 128, 32×32, SGD with momentum 0.9 and weight decay 1e-4, in the
frameworks a user would pick instead (`lenet`: of LeNet-300-100). It takes turns with others: for each line with a number on standard input
it runs so many steps and answers with a line of JSON: the milliseconds of each, and of processor time in all.

    python3 resnet20_step.py torch|torch-channels-last|torch-compile|torch-bf16|lenet|lenet-compile|jax|tf

Images lie in memory as normalised floats; the recorded step of step.ts is fed bytes and normalises them itself.
"""

import json
import os
import sys
import time

WIDTH, BLOCKS, BATCH = 16, 3, 128
THREADS = int(os.environ.get("THREADS", os.cpu_count() or 1))


def take_turns(name, step):
    for _ in range(3):
        step()
    print(json.dumps({"name": name}), flush=True)
    for line in sys.stdin:
        times, before = [], time.process_time()
        for _ in range(int(line)):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
        cpu = (time.process_time() - before) * 1e3
        print(json.dumps({"times": times, "cpuMs": cpu}), flush=True)


def run_torch(compile_it=False, bf16=False, channels_last=True):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.set_num_threads(THREADS)
    layout = torch.channels_last if channels_last else torch.contiguous_format

    class Block(nn.Module):
        def __init__(self, cin, cout, stride):
            super().__init__()
            self.a, self.ba = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
            self.b, self.bb = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
            self.skip = nn.Conv2d(cin, cout, 1, stride, bias=False) if stride != 1 or cin != cout else None

        def forward(self, x):
            h = self.bb(self.b(F.relu(self.ba(self.a(x)))))
            return F.relu(h + (x if self.skip is None else self.skip(x)))

    layers, cin = [nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU()], WIDTH
    for stage, w in enumerate([WIDTH, 2 * WIDTH, 4 * WIDTH]):
        for i in range(BLOCKS):
            layers.append(Block(cin, w, 2 if stage and i == 0 else 1))
            cin = w
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, 10)]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = nn.Sequential(*layers).to(device, memory_format=layout)
    x = torch.randn(BATCH, 3, 32, 32, device=device).to(memory_format=layout)
    y = torch.randint(0, 10, (BATCH,), device=device)
    opt = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    forward = torch.compile(model) if compile_it else model

    def step():
        opt.zero_grad()
        with torch.autocast(device, dtype=torch.bfloat16, enabled=bf16):
            loss = F.cross_entropy(forward(x), y)
        loss.backward()
        opt.step()
        return loss.item()

    how = [", channels last" if channels_last else "", ", compiled" if compile_it else "", ", bfloat16" if bf16 else ""]
    take_turns(f"PyTorch {torch.__version__.split('+')[0]}{''.join(how)}, {device.upper()}", step)


def run_lenet(compile_it=False):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.set_num_threads(THREADS)
    model = nn.Sequential(nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10))
    x, y = torch.randn(BATCH, 784), torch.randint(0, 10, (BATCH,))
    opt = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    forward = torch.compile(model) if compile_it else model

    def step():
        opt.zero_grad()
        loss = F.cross_entropy(forward(x), y)
        loss.backward()
        opt.step()
        return loss.item()

    take_turns(f"PyTorch {torch.__version__.split('+')[0]}{', compiled' if compile_it else ''}, CPU", step)


def run_jax():
    import jax
    import jax.numpy as jnp
    import numpy as np

    rng = np.random.default_rng(0)
    conv_w = lambda k, i, o: jnp.array(rng.normal(0, (2 / (k * k * i)) ** 0.5, (k, k, i, o)), jnp.float32)
    bn_w = lambda c: (jnp.ones(c), jnp.zeros(c))
    params, strides, cin = {"stem": conv_w(3, 3, WIDTH), "bn": bn_w(WIDTH), "blocks": []}, [], WIDTH
    for stage, w in enumerate([WIDTH, 2 * WIDTH, 4 * WIDTH]):
        for i in range(BLOCKS):
            s = 2 if stage and i == 0 else 1
            params["blocks"].append((conv_w(3, cin, w), bn_w(w), conv_w(3, w, w), bn_w(w),
                                     conv_w(1, cin, w) if s != 1 or cin != w else None))
            strides.append(s)
            cin = w
    params["head"] = jnp.array(rng.normal(0, 0.1, (cin, 10)), jnp.float32)
    conv = lambda x, k, s: jax.lax.conv_general_dilated(x, k, (s, s), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def bn(x, p):
        mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
        return (x - mean) * jax.lax.rsqrt(var + 1e-3) * p[0] + p[1]

    def forward(p, x):
        h = jax.nn.relu(bn(conv(x, p["stem"], 1), p["bn"]))
        for s, (a, ba, b, bb, skip) in zip(strides, p["blocks"]):
            r = h if skip is None else conv(h, skip, s)
            h = jax.nn.relu(bn(conv(jax.nn.relu(bn(conv(h, a, s), ba)), b, 1), bb) + r)
        return h.mean((1, 2)) @ p["head"]

    def loss_fn(p, x, y):
        return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, x)), y[:, None], 1).mean()

    @jax.jit
    def update(p, m, x, y):
        loss, g = jax.value_and_grad(loss_fn)(p, x, y)
        m = jax.tree.map(lambda m, g, p: 0.9 * m + g + 1e-4 * p, m, g, p)
        return jax.tree.map(lambda p, m: p - 0.05 * m, p, m), m, loss

    x = jnp.array(rng.normal(size=(BATCH, 32, 32, 3)), jnp.float32)
    y = jnp.array(rng.integers(0, 10, BATCH))
    state = [params, jax.tree.map(jnp.zeros_like, params)]

    def step():
        state[0], state[1], loss = update(state[0], state[1], x, y)
        return loss.block_until_ready()

    take_turns(f"JAX {jax.__version__}, jit, {jax.default_backend().upper()}", step)


def run_tf():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)

    weights = []
    var = lambda v: weights.append(tf.Variable(v)) or weights[-1]
    conv_w = lambda k, i, o: var(tf.random.normal([k, k, i, o], stddev=(2 / (k * k * i)) ** 0.5))
    bn_w = lambda c: (var(tf.ones([c])), var(tf.zeros([c])))
    stem, blocks, cin = (conv_w(3, 3, WIDTH), bn_w(WIDTH)), [], WIDTH
    for stage, w in enumerate([WIDTH, 2 * WIDTH, 4 * WIDTH]):
        for i in range(BLOCKS):
            s = 2 if stage and i == 0 else 1
            blocks.append((s, conv_w(3, cin, w), bn_w(w), conv_w(3, w, w), bn_w(w), conv_w(1, cin, w) if s != 1 or cin != w else None))
            cin = w
    head = var(tf.random.normal([cin, 10], stddev=0.1))
    bn = lambda x, p: tf.raw_ops.FusedBatchNormV3(x=x, scale=p[0], offset=p[1], mean=[], variance=[], is_training=True)[0]
    conv = lambda x, k, s: tf.nn.conv2d(x, k, s, "SAME")
    momenta = [tf.Variable(tf.zeros_like(w)) for w in weights]
    x, y = tf.random.normal([BATCH, 32, 32, 3]), tf.random.uniform([BATCH], 0, 10, tf.int32)

    @tf.function
    def update(x, y):
        with tf.GradientTape() as tape:
            h = tf.nn.relu(bn(conv(x, stem[0], 1), stem[1]))
            for s, a, ba, b, bb, skip in blocks:
                r = h if skip is None else conv(h, skip, s)
                h = tf.nn.relu(bn(conv(tf.nn.relu(bn(conv(h, a, s), ba)), b, 1), bb) + r)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, tf.reduce_mean(h, [1, 2]) @ head))
        for w, m, g in zip(weights, momenta, tape.gradient(loss, weights)):
            m.assign(0.9 * m + g + 1e-4 * w)
            w.assign_sub(0.05 * m)
        return loss

    device = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    take_turns(f"TensorFlow {tf.__version__}, tf.function, {device}", lambda: update(x, y).numpy())


if __name__ == "__main__":
    runs = {
        "torch": lambda: run_torch(channels_last=False),
        "torch-channels-last": run_torch,
        "torch-compile": lambda: run_torch(compile_it=True),
        "torch-bf16": lambda: run_torch(bf16=True),
        "lenet": run_lenet,
        "lenet-compile": lambda: run_lenet(compile_it=True),
        "jax": run_jax,
        "tf": run_tf,
    }
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in runs:
        sys.exit(f"usage: resnet20_step.py {'|'.join(runs)}")
    runs[kind]()
