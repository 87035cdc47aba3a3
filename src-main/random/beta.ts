import { uniform, type Stream } from './random.ts';

/**
 * A share λ ~ Beta(α, α) in 0 … 1: A / (A + B) of two Gamma(α) variates. Their logarithms are subtracted, so that a
 * small α, whose variates underflow, gives 0 or 1 as it should and never 0 / 0.
 * @param alpha above 0
 */
export function betaShare(stream: Stream, alpha: number): number {
  const a = logGamma(stream, alpha);
  const b = logGamma(stream, alpha);
  return 1 / (1 + Math.exp(b - a));
}

/**
 * Logarithm of a Gamma(α) variate by Marsaglia and Tsang (2000); below 1 that of Gamma(α + 1) · U^(1/α), U uniform in
 * (0, 1].
 */
function logGamma(stream: Stream, alpha: number): number {
  if (alpha < 1) return logGamma(stream, alpha + 1) + Math.log(1 - uniform(stream)) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(stream);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - uniform(stream)) < (x * x) / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** Marsaglia's polar method, the first of a pair. */
function standardNormal(stream: Stream): number {
  for (;;) {
    const x = 2 * uniform(stream) - 1;
    const y = 2 * uniform(stream) - 1;
    const s = x * x + y * y;
    if (s < 1 && s > 0) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}
