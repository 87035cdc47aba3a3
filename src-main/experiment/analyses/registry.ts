import { registry } from '../../contract/registry.ts';
import type { AnalysisDefinition } from './analysis.ts';
import { masks } from './masks.ts';
import { particles } from './particles.ts';

/** Every analysis by kind: a new one is a file in this folder and an entry here. */
export const analyses = registry<AnalysisDefinition>(masks, particles);
