import { ConfigError } from '../contract/errors.ts';
import type { ExportFormat } from './format.ts';
import { npz } from './npz.ts';
import { safetensors } from './safetensors.ts';

/** All export formats, the default first. */
export const exportFormats: readonly ExportFormat[] = [safetensors, npz];

/** @throws ConfigError naming the formats there are. */
export function exportFormat(kind: string): ExportFormat {
  const format = exportFormats.find((candidate) => candidate.kind === kind);
  if (format === undefined)
    throw new ConfigError(
      `there is no export format "${kind}"`,
      `Choose one of ${exportFormats.map((candidate) => candidate.kind).join(', ')}.`,
    );
  return format;
}

/**
 * The format that a file's extension says.
 * @throws ConfigError naming the extensions there are.
 */
export function formatOfFile(path: string): ExportFormat {
  const format = exportFormats.find((candidate) => path.toLowerCase().endsWith(candidate.extension));
  if (format === undefined)
    throw new ConfigError(
      `cannot tell the format of ${path} from its name`,
      `Name it with one of ${exportFormats.map((candidate) => candidate.extension).join(', ')}.`,
    );
  return format;
}
