import { demo } from './demo.ts';
import type { Preset } from './preset.ts';

/** What SWAMP costs and what it could cost: particles only where they pay. */
export const swampPlus: Preset = {
  name: 'swamp-plus',
  title: 'SWAMP+: particles only in the sparse rounds, against SWAMP with one and four throughout',
  notes:
    'Nothing to set: digits, a few minutes. The threshold follows from the schedule and the share of the cost, arms[2].cost.',
  config: {
    ...demo.config,
    name: 'swamp-plus',
    arms: [
      { kind: 'imp' },
      { kind: 'swamp', particles: 1 },
      { kind: 'swamp-plus', particles: 4, cost: 0.6 },
      { kind: 'swamp', particles: 4 },
    ],
  },
};
