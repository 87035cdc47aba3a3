/** TensorFlow under tfjs-node-gpu: see docs/engine.md. */
export { ensureEngine, ensurePackable, type EnsureEngineOptions } from './ensure.ts';
export { findEngine, variantHere, type EngineVariant } from './find.ts';
export { listEngines, type CachedFolder } from './list.ts';
export { leastPiece, packEngine } from './pack.ts';
export { installEngine } from './unpack.ts';
export type { BuildVariant } from './targets.ts';
export { diagnose, Diagnosis, DiagnosisCheck } from './diagnose.ts';
export { cacheFolder } from './folder.ts';
export { findGpu } from './machine.ts';
export { inPlaceOfTensorFlow, wasmBuild } from './wasm.ts';
export { loaderEnvironment } from './probe.ts';
export type { ProvisionProgress } from './progress.ts';
