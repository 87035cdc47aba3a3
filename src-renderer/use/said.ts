import type { Input } from '../../src-main/contract/api/index.ts';

type Asked = Input<'files.evaluate'>;

/** What a user may say of a file that does not say it; empty: it says it itself. */
export interface Said {
  readonly model: string;
  readonly normalisation: string;
  readonly names: string;
  readonly shape: string;
}

export const nothingSaid: Said = { model: '', normalisation: '', names: 'auto', shape: '' };

/** A network in a file, as the host is asked for it. */
export function networkIn(file: string, { model, normalisation, names, shape }: Said): Asked['network'] {
  const given = Object.entries({ model, normalisation, shape })
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([, text]) => text !== '');
  return { file: file.trim(), names, ...Object.fromEntries(given) };
}

/** Images, as the host is asked for them. @param data empty: what the network was trained on. @param settings a line each. */
export function imagesOf(
  data: string,
  split: NonNullable<Asked['images']['split']>,
  settings: string,
): Asked['images'] {
  const set = settings
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return { split, set, ...(data.trim() === '' ? {} : { data: data.trim() }) };
}
