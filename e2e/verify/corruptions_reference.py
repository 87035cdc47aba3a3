"""The corruptions of CIFAR-10-C (Hendrycks and Dietterich 2019) with SciPy, scikit-image, Pillow and NumPy, for comparison
with the program's own. Usage: corruptions_reference.py FOLDER [--cifar DIR] | --fixture FILE

FOLDER holds frost.safetensors, the program's own textures of frost, and gets corruptions.safetensors: `images` [n, h, w, 3], their
corruption `KIND-SEVERITY`, and in corruptions.json mean, standard deviation and correlation between neighbours of what each corruption adds
when it is driven by NumPy's generator instead of the program's, on `many` images.

What the program draws is drawn again here from its description: SHA-256 of the address, xoroshiro128+, the polar method.
"""

import argparse
import base64
import hashlib
import io
import json
import math
from pathlib import Path

import numpy as np
import scipy
import skimage
from PIL import Image, __version__ as pillow
from safetensors.numpy import load_file, save_file
from scipy import ndimage, stats
from skimage.color import hsv2rgb, rgb2hsv
from skimage.filters import gaussian

IMAGES = 6
MANY = 300
MASK = (1 << 64) - 1


class Stream:
    """The program's random numbers at an address."""

    def __init__(self, purpose, severity, image):
        digest = hashlib.sha256(f"0/{purpose}/0/{severity}/0/{image}".encode()).digest()
        words = [int.from_bytes(digest[4 * i : 4 * i + 4], "big") for i in range(4)]
        self.s0, self.s1 = words[0] << 32 | words[1], words[2] << 32 | words[3]

    def word(self):
        turn = lambda x, k: (x << k | x >> (64 - k)) & MASK
        made = (self.s0 + self.s1) & 0xFFFFFFFF
        x = self.s0 ^ self.s1
        self.s0 = turn(self.s0, 24) ^ x ^ (x << 16) & MASK
        self.s1 = turn(x, 37)
        return made

    def integer(self, n):
        bucket = (1 << 32) // n
        while True:
            value = self.word() // bucket
            if value < n:
                return value

    def _one(self):
        high, low = self.word() >> 5, self.word() >> 6
        return (high * 2**26 + low) / 2**53

    def uniform(self, low=0.0, high=1.0, shape=()):
        count = math.prod(shape)
        values = np.array([self._one() for _ in range(count)]).reshape(shape)
        return low + (high - low) * values

    def normal(self, deviation, shape):
        made = []
        while len(made) < math.prod(shape):
            s = 0
            while s >= 1 or s == 0:
                x, y = 2 * self._one() - 1, 2 * self._one() - 1
                s = x * x + y * y
            factor = deviation * math.sqrt(-2 * math.log(s) / s)
            made += [x * factor, y * factor]
        return np.array(made[: math.prod(shape)]).reshape(shape).astype(np.float32)

    def poisson(self, mean):
        return stats.poisson.ppf(self.uniform(shape=mean.shape), mean)

    def salt_and_pepper(self, shape, share):
        """0: stays, 1: pepper, 2: salt."""
        made = np.zeros(math.prod(shape), int)
        for i in range(made.size):
            if self._one() < share:
                made[i] = 2 if self._one() < 0.5 else 1
        return made.reshape(shape)


class NumPy:
    """The same from NumPy's generator, with its own algorithms."""

    def __init__(self, seed):
        self.g = np.random.default_rng(seed)
        self.integer = lambda n: int(self.g.integers(n))
        self.uniform = lambda low=0.0, high=1.0, shape=(): self.g.uniform(low, high, shape)
        self.normal = lambda deviation, shape: self.g.normal(0, deviation, shape)
        self.poisson = self.g.poisson

    def salt_and_pepper(self, shape, share):
        return self.g.choice(3, size=shape, p=[1 - share, share / 2, share / 2])


def by_severity(*constants):
    return lambda severity: constants[severity - 1]


def blur(image, sigma, mode, truncate):
    return gaussian(image, sigma=sigma, mode=mode, truncate=truncate, channel_axis=-1)


def motion(image, radius, sigma, angle):
    """[h, w, c] of bytes, as floats; the kernel as an image of its own."""
    length = 2 * radius + 1
    weights = np.exp(-np.arange(length) ** 2 / (2 * sigma**2))
    kernel = np.zeros((2 * length + 1, 2 * length + 1))
    for i, weight in enumerate(weights / weights.sum()):
        down = math.ceil(i * math.sin(math.radians(angle)) - 0.5)
        right = math.ceil(i * math.cos(math.radians(angle)) - 0.5)
        kernel[length + down, length + right] += weight
    made = np.stack([ndimage.correlate(image[..., c].astype(float), kernel, mode="nearest") for c in range(image.shape[2])], -1)
    return np.floor(made + 0.5)


def zoomed(image, factor):
    height, width = image.shape[:2]
    parts = [math.ceil(side / factor) for side in (height, width)]
    top, left = [(side - part) // 2 for side, part in zip((height, width), parts)]
    made = ndimage.zoom(image[top : top + parts[0], left : left + parts[1]], (factor, factor, 1), order=1)
    top, left = (made.shape[0] - height) // 2, (made.shape[1] - width) // 2
    return made[top : top + height, left : left + width]


def plasma(r, side, decay):
    grid = np.zeros((side, side))
    step, wobble = side, 100.0
    while step >= 2:
        half = step // 2
        near = lambda a: a / 4 + wobble * r.uniform(-wobble, wobble, a.shape)
        corners = grid[::step, ::step]
        rows = corners + np.roll(corners, -1, 0)
        grid[half::step, half::step] = near(rows + np.roll(rows, -1, 1))
        middles = grid[half::step, half::step]
        grid[::step, half::step] = near(middles + np.roll(middles, 1, 0) + corners + np.roll(corners, -1, 1))
        grid[half::step, ::step] = near(middles + np.roll(middles, 1, 1) + corners + np.roll(corners, -1, 0))
        step, wobble = half, wobble / decay
    grid -= grid.min()
    return grid / grid.max()


def grey_of(image):
    return image if image.shape[2] == 1 else (image @ [0.299, 0.587, 0.114])[..., None]


# Each takes an image of 0 … 1 and gives one of 0 … 255 that is cut off to bytes, or bytes.


def gaussian_noise(x, s, r):
    return 255 * np.clip(x + r.normal(by_severity(0.04, 0.06, 0.08, 0.09, 0.1)(s), x.shape), 0, 1)


def shot_noise(x, s, r):
    photons = by_severity(500, 250, 100, 75, 50)(s)
    return np.clip(r.poisson(x * photons) / photons, 0, 1) * 255


def impulse_noise(x, s, r):
    what = r.salt_and_pepper(x.shape, by_severity(0.01, 0.02, 0.03, 0.05, 0.07)(s))
    return np.select([what == 2, what == 1], [1, 0], x) * 255


def defocus_blur(x, s, r):
    radius, rim = by_severity((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1))(s)
    y, z = np.mgrid[-8:9, -8:9]
    disc = (y * y + z * z <= radius**2).astype(float)
    row = np.exp(-(np.arange(-1, 2) ** 2) / (2 * rim**2))
    kernel = ndimage.correlate(disc / disc.sum(), np.outer(row, row) / row.sum() ** 2, mode="mirror")
    blurred = [ndimage.correlate(x[..., c], kernel, mode="mirror") for c in range(x.shape[2])]
    return np.clip(np.stack(blurred, -1), 0, 1) * 255


def glass_blur(x, s, r):
    sigma, reach, times = by_severity((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2))(s)
    x = np.uint8(blur(x, sigma, "nearest", 4) * 255)
    for _ in range(times):
        for y in range(x.shape[0] - reach, reach, -1):
            for z in range(x.shape[1] - reach, reach, -1):
                right, down = r.integer(2 * reach) - reach, r.integer(2 * reach) - reach
                x[y, z] = x[y + down, z + right]
    return np.clip(blur(x / 255.0, sigma, "nearest", 4), 0, 1) * 255


def motion_blur(x, s, r):
    radius, sigma = by_severity((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5))(s)
    return motion(np.rint(x * 255), radius, sigma, float(r.uniform(-45, 45)))


def zoom_blur(x, s, r):
    factors = np.arange(1, by_severity(1.06, 1.11, 1.16, 1.21, 1.26)(s), 0.01)
    x = x.astype(np.float32)
    return np.clip((x + sum(zoomed(x, factor) for factor in factors)) / (len(factors) + 1), 0, 1) * 255


def snow(x, s, r):
    mean, deviation, zoom, threshold, radius, sigma, own = by_severity(
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    )(s)
    layer = zoomed((mean + r.normal(deviation, x.shape[:2]).astype(float))[..., None], zoom)
    layer[layer < threshold] = 0
    flakes = np.uint8(np.clip(layer, 0, 1) * 255)
    layer = motion(flakes, radius, sigma, float(r.uniform(-135, -45))) / 255
    x = own * x + (1 - own) * np.maximum(x, grey_of(x) * 1.5 + 0.5)
    return np.clip(x + layer + np.rot90(layer, k=2), 0, 1) * 255


def frost(x, s, r, textures):
    own, ice = by_severity((1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45))(s)
    texture = textures[r.integer(len(textures))]
    top, left = r.integer(texture.shape[0]), r.integer(texture.shape[1])
    wide = np.pad(texture, ((0, x.shape[0]), (0, x.shape[1]), (0, 0)), mode="symmetric")
    cut = wide[top : top + x.shape[0], left : left + x.shape[1]]
    return np.clip(own * np.rint(x * 255) + ice * cut, 0, 255)


def fog(x, s, r):
    thickness, decay = by_severity((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75))(s)
    brightest = x.max()
    side = 2 ** math.ceil(math.log2(max(x.shape[:2])))
    cloud = plasma(r, side, decay)[: x.shape[0], : x.shape[1], None]
    return np.clip((x + thickness * cloud) * brightest / (brightest + thickness), 0, 1) * 255


def brightness(x, s, r):
    added = by_severity(0.05, 0.1, 0.15, 0.2, 0.3)(s)
    if x.shape[2] == 1:
        return np.clip(x + added, 0, 1) * 255
    hsv = rgb2hsv(x)
    hsv[..., 2] = np.clip(hsv[..., 2] + added, 0, 1)
    return np.clip(hsv2rgb(hsv), 0, 1) * 255


def contrast(x, s, r):
    mean = x.mean((0, 1), keepdims=True)
    return np.clip((x - mean) * by_severity(0.75, 0.5, 0.4, 0.3, 0.15)(s) + mean, 0, 1) * 255


def elastic_transform(x, s, r):
    reach, sigma, corners = by_severity((0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03))(s)
    height, width = x.shape[:2]
    side = min(height, width)
    middle, half = np.array([width // 2, height // 2]), side // 3
    before = middle + half * np.array([[1, 1], [1, -1], [-1, -1]])
    after = before + r.uniform(-corners * side, corners * side, before.shape)
    homogeneous = lambda points: np.vstack([points.T, np.ones(3)])
    inverse = homogeneous(before) @ np.linalg.inv(homogeneous(after))
    y, z = np.mgrid[:height, :width].astype(float)
    from_x, from_y, _ = np.tensordot(inverse, np.stack([z, y, np.ones_like(z)]), 1)
    fetch = lambda image, down, right, mode: np.stack(
        [ndimage.map_coordinates(image[..., c], [down, right], order=1, mode=mode) for c in range(image.shape[2])], -1
    )
    x = fetch(x, from_y, from_x, "mirror")
    field = lambda: reach * side * gaussian(r.uniform(-1, 1, (height, width)), sigma * side, mode="reflect", truncate=3)
    across, down = field(), field()
    return np.clip(fetch(x, y + down, z + across, "reflect"), 0, 1) * 255


def picture_of(x):
    made = np.uint8(np.rint(x * 255))
    return Image.fromarray(made[..., 0] if x.shape[2] == 1 else made)


def pixelate(x, s, r):
    share = by_severity(0.95, 0.9, 0.85, 0.75, 0.65)(s)
    height, width = x.shape[:2]
    small = picture_of(x).resize((int(width * share), int(height * share)), Image.BOX)
    return np.array(small.resize((width, height), Image.BOX)).reshape(x.shape)


def jpeg_compression(x, s, r):
    file = io.BytesIO()
    picture_of(x).save(file, "JPEG", quality=by_severity(80, 65, 58, 50, 40)(s))
    return np.array(Image.open(file)).reshape(x.shape)


KINDS = [
    gaussian_noise, shot_noise, impulse_noise, defocus_blur, glass_blur, motion_blur, zoom_blur, snow, frost, fog,
    brightness, contrast, elastic_transform, pixelate, jpeg_compression,
]  # fmt: skip
CHANCE = {"gaussian_noise", "shot_noise", "impulse_noise", "glass_blur", "motion_blur", "snow", "frost", "fog", "elastic_transform"}


def corrupted(kind, images, severity, stream, **more):
    return np.stack([np.uint8(kind(image / 255.0, severity, stream(i), **more)) for i, image in enumerate(images)])


def own_stream(kind, severity):
    return lambda image: Stream(f"corrupt-{kind.__name__}", severity, image)


def smooth(count, height, width, channels, seed):
    """Images with edges, areas and texture, for whom has no CIFAR-10."""
    g = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        layers = [g.normal(size=(height, width, channels)) for _ in range(3)]
        sigmas = (height / 4, height / 10, 0)
        image = sum(k * ndimage.gaussian_filter(l, (q, q, 0)) / max(0.03, 0.3 / (q + 0.5)) for l, q, k in zip(layers, sigmas, (1, 1, 0.05)))
        image = 128 + 60 * image
        image[height // 4 : height // 2, width // 3 :] += g.normal(0, 60, channels)
        made.append(np.uint8(np.clip(image, 0, 255)))
    return np.stack(made)


def cifar(folder, count):
    records = np.frombuffer((Path(folder) / "test_batch.bin").read_bytes(), np.uint8, count * 3073).reshape(count, 3073)
    return records[:, 1:].reshape(count, 3, 32, 32).transpose(0, 2, 3, 1).copy()


def added(images, made):
    d = made.astype(float) - images
    flat = d - d.mean()
    neighbours = (flat[:, :, 1:] * flat[:, :, :-1]).mean() / max(flat.var(), 1e-12)
    return [float(d.mean()), float(d.std()), float(neighbours)]


def reference(folder, source):
    images = cifar(source, MANY) if source else smooth(MANY, 32, 32, 3, 1)
    textures = load_file(folder / "frost.safetensors")["textures"]
    more = lambda kind: {"textures": textures} if kind is frost else {}
    tensors = {"images": images[:IMAGES].copy(), "many": images}
    statistics = {}
    for kind in KINDS:
        for s in range(1, 6):
            name = f"{kind.__name__}-{s}"
            tensors[name] = corrupted(kind, images[:IMAGES], s, own_stream(kind, s), **more(kind))
            if kind.__name__ in CHANCE:
                made = corrupted(kind, images, s, lambda i: NumPy([s, i]), **more(kind))
                statistics[name] = added(images, made)
        print(kind.__name__, flush=True)
    save_file(tensors, folder / "corruptions.safetensors")
    versions = f"NumPy {np.__version__}, SciPy {scipy.__version__}, scikit-image {skimage.__version__}, Pillow {pillow}"
    about = {"versions": versions, "images": IMAGES, "many": MANY, "cifar": bool(source), "added": statistics}
    (folder / "corruptions.json").write_text(json.dumps(about))


def fixture(file):
    text = lambda bytes: base64.b64encode(bytes.tobytes()).decode()
    cases = []
    for shape in ((12, 10, 3), (8, 8, 1)):
        (image,) = smooth(1, *shape, seed=7)
        made = {
            kind.__name__: [text(corrupted(kind, image[None], s, own_stream(kind, s))) for s in range(1, 6)]
            for kind in KINDS
            if kind is not frost
        }
        cases.append({"shape": shape, "image": text(image), "corrupted": made})
    Path(file).write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--cifar")
    parser.add_argument("--fixture")
    options = parser.parse_args()
    if options.fixture:
        fixture(options.fixture)
    else:
        reference(options.folder, options.cifar)
