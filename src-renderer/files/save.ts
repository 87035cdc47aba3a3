import { host, shell } from '../host.ts';

/** A file that the window made: a picture, a table. */
export interface Made {
  /** Without folder or extension. */
  readonly name: string;
  /** Without a dot. */
  readonly extension: string;
  readonly content: string | Blob;
}

/** Only what every file system takes. */
export function fileName({ name, extension }: Pick<Made, 'name' | 'extension'>): string {
  const safe = name.replace(/[^A-Za-z0-9._+-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `${safe === '' ? 'swamp' : safe.slice(0, 120)}.${extension}`;
}

/**
 * Where the user says, in the system's dialog; in a browser among its downloads.
 * @returns the file, or `null` where none was chosen.
 */
export async function saveMade(made: Made): Promise<string | null> {
  const file = fileName(made);
  if (!shell) {
    download(file, made.content);
    return file;
  }
  const out = await shell.call('shell.pick', {
    kind: 'save',
    title: 'Save',
    path: file,
    extensions: [made.extension],
  });
  if (out === null) return null;
  // The system's dialog has asked whether to replace.
  const content =
    typeof made.content === 'string' ? { text: made.content } : { bytes: await base64(made.content) };
  return (await host.call('files.save', { out, ...content, replace: true })).file;
}

function download(file: string, content: string | Blob): void {
  const address = URL.createObjectURL(typeof content === 'string' ? new Blob([content]) : content);
  const link = document.createElement('a');
  link.href = address;
  link.download = file;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function base64(content: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^data:[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('The picture could not be read.'));
    reader.readAsDataURL(content);
  });
}
