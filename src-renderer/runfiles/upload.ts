import { HostError } from '../client.ts';

/**
 * Brings a file of the browser's machine to that of `swamp serve`. @param told how much of it is there, 0 to 1.
 * @returns its path there.
 */
export function upload(file: File, told: (done: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/upload?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const text = String(request.response);
      if (request.status === 200) resolve((JSON.parse(text) as { file: string }).file);
      else reject(new HostError({ name: 'DataError', message: text.trim(), hint: '' }));
    };
    request.onerror = () =>
      reject(
        new HostError({
          name: 'ConnectionLost',
          message: 'The file did not arrive: the connection was lost.',
          hint: 'Open it again.',
        }),
      );
    request.onabort = () => reject(new DOMException('No longer wanted', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
