import { ConfigError } from '../../contract/errors.ts';
import { csv } from './csv.ts';
import type { PredictionFormat } from './format.ts';
import { json } from './json.ts';
import { npz } from './npz.ts';

/** Every kind of file for predictions. */
export const predictionFormats: readonly PredictionFormat[] = [csv, npz, json];

/** The format that a file's extension says. @throws ConfigError naming the extensions there are. */
export function predictionFormatOf(path: string): PredictionFormat {
  const found = predictionFormats.find(({ extension }) => path.toLowerCase().endsWith(extension));
  if (found) return found;
  throw new ConfigError(
    `cannot tell the format of ${path} from its name`,
    `Name it with one of ${predictionFormats.map(({ extension }) => extension).join(', ')}.`,
  );
}
