import { describe, expect, it } from 'vitest';
import { compilerArguments } from './compile.ts';
import { tensorflowVersion } from './pins.ts';
import { hasCuda, platformFault, targetOf, type BuildVariant } from './targets.ts';

const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' };

describe('platforms', () => {
  it.each([
    [linux, null],
    [{ ...linux, glibc: '2.27' }, null],
    [{ ...linux, arch: 'arm64' }, null],
    [{ platform: 'darwin', arch: 'arm64', glibc: null }, null],
    [{ ...linux, glibc: '2.17' }, 'older than 2.27'],
    [{ ...linux, arch: 'arm64', glibc: '2.17' }, 'older than 2.27'],
    [{ ...linux, glibc: null }, 'musl'],
    [{ ...linux, arch: 'riscv64' }, 'only x86-64 and 64-bit Arm'],
    [{ platform: 'darwin', arch: 'x64', glibc: null }, 'Intel'],
    [{ platform: 'win32', arch: 'x64', glibc: null }, 'WSL 2'],
    [{ platform: 'freebsd', arch: 'x64', glibc: null }, 'only Linux and macOS'],
  ])('%o', (platform, fault) => {
    if (fault === null) expect(platformFault(platform)).toBeNull();
    else expect(platformFault(platform)).toContain(fault);
  });
});

describe('what is built', () => {
  it.each([
    ['linux', 'x64', 'cpu', 'tensorflow-cpu', 'manylinux_2_27_x86_64', 'manylinux_2_12_x86_64'],
    ['linux', 'x64', 'cuda', 'tensorflow', 'manylinux_2_27_x86_64', 'manylinux_2_12_x86_64'],
    ['linux', 'arm64', 'cpu', 'tensorflow', 'manylinux_2_27_aarch64', 'manylinux_2_17_aarch64'],
    ['darwin', 'arm64', 'cpu', 'tensorflow', 'macosx_12_0_arm64', 'macosx_13_0_arm64'],
  ])('on %s %s, %s', (platform, arch, variant, name, tag, zigTag) => {
    const { wheel, zig, libraries } = targetOf({ platform, arch }, variant as BuildVariant);
    expect(wheel).toMatchObject({ name, version: tensorflowVersion });
    expect(wheel.platforms).toContain(tag);
    expect(zig.platforms).toContain(zigTag);
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(libraries.every((library) => library.endsWith(platform === 'darwin' ? '.2.dylib' : '.so.2'))).toBe(
      true,
    );
  });

  it('no wheel is pinned twice', () => {
    const targets = [
      targetOf({ platform: 'linux', arch: 'x64' }, 'cpu'),
      targetOf({ platform: 'linux', arch: 'x64' }, 'cuda'),
      targetOf({ platform: 'linux', arch: 'arm64' }, 'cpu'),
      targetOf({ platform: 'darwin', arch: 'arm64' }, 'cpu'),
    ];
    expect(new Set(targets.map(({ wheel }) => wheel.sha256)).size).toBe(4);
    expect(new Set(targets.map(({ zig }) => zig.sha256)).size).toBe(3);
  });

  it('CUDA is for Linux on x86-64', () => {
    expect(hasCuda(linux)).toBe(true);
    expect(hasCuda({ ...linux, arch: 'arm64' })).toBe(false);
    expect(hasCuda({ platform: 'darwin', arch: 'arm64' })).toBe(false);
  });

  it('the addon finds the libraries beside itself, by the means of its platform', () => {
    const elf = compilerArguments(targetOf(linux, 'cpu'), '/build');
    expect(elf).toContain('-Wl,-rpath,$ORIGIN/tensorflow');
    expect(elf).toContain('/build/tensorflow/libtensorflow_cc.so.2');
    expect(elf).not.toContain('dynamic_lookup');
    const mac = compilerArguments(targetOf({ platform: 'darwin', arch: 'arm64' }, 'cpu'), '/build');
    expect(mac).toContain('-Wl,-rpath,@loader_path/tensorflow');
    expect(mac[mac.indexOf('-undefined') + 1]).toBe('dynamic_lookup');
    expect(mac).toContain('/build/tensorflow/libtensorflow_framework.2.dylib');
    expect(mac.slice(-2)).toEqual(['-o', '/build/tfjs_binding.node']);
  });
});
