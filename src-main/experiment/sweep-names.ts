import { isRecord } from './problems.ts';
import type { Choice, Variant } from './sweep.ts';

/** As in the schema of an experiment's name. */
const LONGEST = 60;

/**
 * Names the experiments of a sweep by what differs: `cifar-learningRate-0.05-width-8`. Where that is too long or not
 * enough to tell them apart they are numbered instead.
 */
export function nameVariants(variants: readonly Omit<Variant, 'name'>[]): Variant[] {
  const names = variants.map(({ choices, config }) => [config.name, ...choices.map(wordsOf)].join('-'));
  const telling = new Set(names).size === names.length && names.every((name) => name.length <= LONGEST);
  const digits = String(variants.length).length;
  return variants.map(({ choices, config }, index) => {
    const number = String(index + 1).padStart(digits, '0');
    const name = telling ? (names[index] ?? '') : `${config.name.slice(0, LONGEST - digits - 1)}-${number}`;
    return { name, choices, config: { ...config, name } };
  });
}

/** `learningRate-0.05`, `hidden-300-100`, `model-resnet`; a number in the list stands for what has no short name. */
function wordsOf({ path, value, index }: Choice): string {
  const keys = path.split('.');
  // "kind" says nothing by itself.
  const key = (keys.at(-1) === 'kind' ? keys.at(-2) : keys.at(-1)) ?? path;
  const name = shortName(value);
  // Options beside a kind are too much for a name.
  const more =
    name === undefined || (isRecord(value) && Object.keys(value).length > 1) ? [String(index + 1)] : [];
  return plain([key, ...(name === undefined ? [] : [name]), ...more].join('-'));
}

function shortName(value: unknown): string | undefined {
  if (typeof value === 'string') return value.split(/[\\/]/).filter(Boolean).at(-1);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    const names = value.map(shortName);
    return names.length > 0 && names.every((name) => name !== undefined) ? names.join('-') : undefined;
  }
  return isRecord(value) && typeof value['kind'] === 'string' ? value['kind'] : undefined;
}

/** Only what a name may have. */
function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
}
