import { dot, rademacher } from '../analysis/hutchinson.ts';
import { expectedProducts, Lanczos, type LanczosState } from '../analysis/lanczos.ts';
import { crashPoint } from '../checkpoint/crash.ts';
import { tensorNamed, type Tensor, type Tensors } from '../checkpoint/tensor.ts';
import type { CurvatureSpec, SpecOf } from '../contract/job.ts';
import { streamFor } from '../random/random.ts';
import { Breath } from './breath.ts';
import { NOTHING, type JobContext, type JobOutput } from './context.ts';
import { Curvature } from './curvature.ts';

/** z·Hz of probes (Hutchinson 1990; method.md, Analyses). */
export async function hessianTrace(spec: SpecOf<'hessian-trace'>, context: JobContext): Promise<JobOutput> {
  const { probes } = spec;
  const curvature = await Curvature.of(spec, context);
  const before = curvature.sessionMs;
  const saved = context.partial.load()?.tensors.get('probe');
  const made = saved?.dtype === 'F64' ? [...saved.data] : [];
  if (made.length > 0) crashPoint('restored');
  const breath = new Breath(context, () => context.partial.save(new Map([['probe', numbers(made)]]), {}));
  const { steps } = curvature;
  let lost: number | null = null;
  while (made.length < probes && lost === null) {
    const at = made.length;
    const probe = draw(spec, curvature, at);
    const product = await curvature.multiply(probe, (step) => breath.take(at * steps + step, probes * steps));
    const value = dot(probe, product);
    if (!Number.isFinite(value)) lost = at;
    else made.push(value);
    crashPoint('product');
    await breath.take((at + 1) * steps, probes * steps);
  }
  return finish(curvature, before, lost === null ? { probe: made } : { probe: [], lost: [lost] });
}

/** The largest eigenvalues, by Lanczos. */
export async function hessianEigenvalues(
  spec: SpecOf<'hessian-eigenvalues'>,
  context: JobContext,
): Promise<JobOutput> {
  const { count, steps: most, tolerance } = spec;
  const curvature = await Curvature.of(spec, context);
  const before = curvature.sessionMs;
  const dimension = curvature.alive.length;
  const options = { dimension, count, steps: most, tolerance };
  const saved = context.partial.load()?.tensors;
  const lanczos = new Lanczos<Float32Array>(
    { ...options, draw: (index) => draw(spec, curvature, index) },
    saved && stateOf(saved),
  );
  if (lanczos.steps > 0) crashPoint('restored');
  const breath = new Breath(context, () => context.partial.save(stateTensors(lanczos.state), {}));
  const { steps } = curvature;
  for (let vector = lanczos.next; vector; vector = lanczos.next) {
    const at = lanczos.steps;
    // How many it takes shows in the end; past what is expected, one more at a time.
    const all = steps * Math.min(most, dimension, Math.max(expectedProducts(count), at + 2));
    const product = await curvature.multiply(vector, (step) => breath.take(at * steps + step, all));
    if (!product.every(Number.isFinite))
      return finish(curvature, before, { eigenvalue: [], error: [], lost: [at] });
    lanczos.advance(product);
    crashPoint('product');
    await breath.take((at + 1) * steps, all);
  }
  const { values, errors, converged } = lanczos.found;
  return finish(curvature, before, {
    eigenvalue: [...values],
    error: [...errors],
    products: [lanczos.steps],
    converged: [converged ? 1 : 0],
  });
}

/** A random vector: signs at the weights that are alive. */
function draw({ seed }: CurvatureSpec, curvature: Curvature, index: number): Float32Array {
  return curvature.atAlive(
    rademacher(streamFor({ seed, purpose: 'probe', particle: index }), curvature.total),
  );
}

function finish(
  { alive, sessionMs }: Curvature,
  before: number,
  series: Readonly<Record<string, number[]>>,
): JobOutput {
  return { ...NOTHING, series: { ...series, alive: [alive.length] }, sessionMs: sessionMs - before };
}

function numbers(values: readonly number[]): Tensor {
  return { dtype: 'F64', shape: [values.length], data: Float64Array.from(values) };
}

/** What a search needs to go on, as a checkpoint has it. */
function stateTensors({ basis, diagonal, beside }: LanczosState<Float32Array>): Map<string, Tensor> {
  const vectors = basis.map((data, at): [string, Tensor] => [
    `vector/${at}`,
    { dtype: 'F32', shape: [data.length], data },
  ]);
  return new Map([...vectors, ['diagonal', numbers(diagonal)], ['beside', numbers(beside)]]);
}

function stateOf(tensors: Tensors): LanczosState<Float32Array> {
  const vectors = [...tensors.keys()].filter((name) => name.startsWith('vector/')).length;
  const list = (name: string): number[] => [...tensorNamed(tensors, name, 'F64', 'checkpoint').data];
  return {
    basis: Array.from(
      { length: vectors },
      (_, at) => tensorNamed(tensors, `vector/${at}`, 'F32', 'checkpoint').data,
    ),
    diagonal: list('diagonal'),
    beside: list('beside'),
  };
}
