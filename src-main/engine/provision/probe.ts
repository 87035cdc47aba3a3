import { run } from './command.ts';

/**
 * Loads an addon and multiplies two matrices. It runs as `node -e` in a process of its own, because a broken
 * native library ends the process that loads it; as text, so that it needs no file beside a bundled program.
 */
const script = `
const module_ = { exports: {} };
process.dlopen(module_, process.argv[1]);
const binding = module_.exports;
const matrix = (values) => binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array(values));
const attributes = [
  { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
];
const inputs = [matrix([1, 2, 3, 4]), matrix([5, 6, 7, 8])];
const [product] = binding.executeOp('MatMul', attributes, inputs, 1);
const values = Array.from(binding.tensorDataSync(product.id));
console.log(JSON.stringify({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice(), values }));
`;

const expected = '[19,22,43,50]';

export type ProbeOutcome =
  | {
      readonly works: true;
      readonly tensorflow: string;
      /** TensorFlow computes on a GPU. */
      readonly gpu: boolean;
      /** The GPU's name as TensorFlow logs it; empty on a CPU. */
      readonly gpuName: string;
      /** What TensorFlow logged. */
      readonly log: string;
    }
  | { readonly works: false; readonly reason: string; readonly log: string };

/** `env` for a process that loads an addon whose libraries are in `libraryPath`, ahead of the user's own. */
export function loaderEnvironment(libraryPath: readonly string[]): Record<string, string> {
  if (libraryPath.length === 0) return {};
  const own = process.env['LD_LIBRARY_PATH'];
  return {
    LD_LIBRARY_PATH: [...libraryPath, ...(own === undefined || own === '' ? [] : [own])].join(':'),
  };
}

function reasonOf(signal: NodeJS.Signals | null, log: string): string {
  if (signal === 'SIGILL') return 'this processor lacks instructions TensorFlow needs (AVX).';
  if (signal !== null) return `the process that loaded it was ended by ${signal}.`;
  const missing =
    /(\S+): cannot open shared object file/.exec(log)?.[1] ?? /Library not loaded: (\S+)/.exec(log)?.[1];
  if (missing !== undefined) return `the shared library ${missing} was not found.`;
  return /^\w*Error: (.*)$/m.exec(log)?.[1] ?? 'its process failed.';
}

/** Load the addon at `binding` in a child process and compute with it. */
export async function probe(
  binding: string,
  libraryPath: readonly string[],
  signal?: AbortSignal,
): Promise<ProbeOutcome> {
  const child = await run(process.execPath, ['-e', script, binding], {
    env: loaderEnvironment(libraryPath),
    signal,
  });
  const log = child.stderr;
  if (child.code !== 0) return { works: false, reason: reasonOf(child.signal, log), log };
  const line = /^\{"version".*$/m.exec(child.stdout)?.[0];
  if (line === undefined) return { works: false, reason: 'it gave no answer.', log };
  const answer = JSON.parse(line) as { version: string; gpu: boolean; values: number[] };
  if (JSON.stringify(answer.values) !== expected) {
    return { works: false, reason: `it multiplied two matrices wrongly: ${answer.values.join(', ')}.`, log };
  }
  const gpuName = /GPU:0 with .*?name: ([^,\n]+)/.exec(log)?.[1] ?? (answer.gpu ? 'GPU' : '');
  return {
    works: true,
    tensorflow: answer.version,
    gpu: answer.gpu,
    gpuName: answer.gpu ? gpuName : '',
    log,
  };
}
