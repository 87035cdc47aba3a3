import { readFile } from 'node:fs/promises';

/** Of two versions of glibc, the newer. */
export function newerGlibc(a: string, b: string): string {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA > majorB || (majorA === majorB && minorA >= minorB) ? a : b;
}

/** The glibc that TensorFlow's wheels for Linux ask for. */
export const oldestGlibc = '2.27';

/** The oldest glibc an engine runs on: the addon was compiled here, and asks for what this machine's compiler chose. */
export async function addonGlibc(addon: string): Promise<string> {
  const text = (await readFile(addon)).toString('latin1');
  const named = [...text.matchAll(/GLIBC_(\d+\.\d+)/g)].map(([, version]) => version ?? oldestGlibc);
  return named.reduce(newerGlibc, oldestGlibc);
}
