import { registry } from '../../contract/registry.ts';
import type { AnalysisDefinition } from './analysis.ts';
import { calibration } from './calibration.ts';
import { connectivity } from './connectivity.ts';
import { cost } from './cost.ts';
import { flatness } from './flatness.ts';
import { growth } from './growth.ts';
import { masks } from './masks.ts';
import { particles } from './particles.ts';
import { robustness } from './robustness.ts';
import { transfer } from './transfer.ts';
import { surface } from './surface.ts';

/** Every analysis by kind: a new one is a file in this folder and an entry here. */
export const analyses = registry<AnalysisDefinition>(
  connectivity,
  surface,
  flatness,
  cost,
  masks,
  particles,
  growth,
  transfer,
  robustness,
  calibration,
);
