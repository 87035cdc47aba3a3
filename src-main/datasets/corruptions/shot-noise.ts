import { z } from 'zod';
import { poissonTable, type PoissonTable } from '../../random/poisson.ts';
import { uniform } from '../../random/random.ts';
import { constant, fromUnit, type BySeverity, type Corruption } from './corruption.ts';

/** Photons that white is. */
const PHOTONS: BySeverity<number> = [500, 250, 100, 75, 50];

/** Tables by photons and byte: an image has few different ones, and a data set no others. */
const tables = new Map<number, (PoissonTable | undefined)[]>();

function tableFor(photons: number, byte: number): PoissonTable {
  let row = tables.get(photons);
  if (!row) tables.set(photons, (row = []));
  return (row[byte] ??= poissonTable((byte / 255) * photons));
}

/** Light counted in single photons: every value is Poisson distributed around what it was. */
export const shotNoise: Corruption = {
  kind: 'shot_noise',
  title: 'Shot noise',
  schema: z.strictObject({ kind: z.literal('shot_noise') }),
  family: 'noise',
  corrupt({ bytes }, severity, stream) {
    const photons = constant(PHOTONS, severity);
    const values = new Float64Array(bytes.length);
    for (let i = 0; i < values.length; i++)
      values[i] = tableFor(photons, bytes[i] as number).count(uniform(stream)) / photons;
    return fromUnit(values);
  },
};
