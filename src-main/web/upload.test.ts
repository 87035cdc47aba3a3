import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serveWeb } from './server.ts';
import { uploadsFolder } from './upload.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Site {
  readonly library: string;
  readonly send: (name: string, headers?: Record<string, string>, body?: Buffer) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

const content = Buffer.from('a run file');

/** A server that has let one browser in, which sends files. */
async function site(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-upload-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [library, pages] = [join(folder, 'library'), join(folder, 'pages')];
  for (const each of [library, pages]) mkdirSync(each);
  const server = await serveWeb({
    port: 0,
    otherPort: false,
    library,
    pages,
    connect: () => Promise.reject(new Error('no host is needed')),
  });
  onTestFinished(() => server.close());
  const own = `http://127.0.0.1:${server.port}`;
  const letIn = await fetch(server.invite());
  const cookie = letIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const send: Site['send'] = (name, headers = {}, body = content) =>
    new Promise((resolve, reject) => {
      const asked = request(
        `${own}/upload?name=${encodeURIComponent(name)}`,
        {
          method: 'POST',
          agent: false,
          headers: { cookie, origin: own, 'content-length': String(body.length), ...headers },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  return { library, send, close: () => server.close() };
}

test('a run file arrives whole, under its name, and goes when serving ends', async () => {
  const { library, send, close } = await site();
  const { status, text } = await send('my runs.swamp');
  expect(status).toBe(200);
  const { file } = JSON.parse(text) as { file: string };
  expect(basename(file)).toBe('my runs.swamp');
  expect(file.startsWith(uploadsFolder(library))).toBe(true);
  expect(readFileSync(file)).toEqual(content);
  await close();
  expect(existsSync(file)).toBe(false);
});

test.each(['../../evil.swamp', 'a/b.swamp', 'a\\b.swamp', '.swamp', 'run.exe', ''])(
  'no file %j',
  async (name) => {
    const { library, send } = await site();
    expect((await send(name)).status).toBe(400);
    expect(existsSync(uploadsFolder(library))).toBe(false);
  },
);

test('nobody else sends files: pages of other origins, and those that were not let in', async () => {
  const { library, send } = await site();
  expect((await send('a.swamp', { origin: 'http://evil.example' })).status).toBe(403);
  expect((await send('a.swamp', { cookie: 'swamp-0=x' })).status).toBe(401);
  expect((await send('a.swamp', { host: 'evil.example' })).status).toBe(403);
  expect(existsSync(uploadsFolder(library))).toBe(false);
});

test('a library that has vanished is said, and ends nothing', async () => {
  const { library, send } = await site();
  rmSync(library, { recursive: true });
  const { status, text } = await send('a.swamp');
  expect(status).toBe(500);
  expect(text).toMatch(/did not arrive: .*no such file or directory/);
});

test('a file that is too large is refused before it is sent', async () => {
  const { library, send } = await site();
  const refused = await send('a.swamp', { 'content-length': String(64 * 2 ** 30) }, Buffer.alloc(0));
  expect(refused.status).toBe(413);
  expect(existsSync(uploadsFolder(library)) ? readdirSync(uploadsFolder(library)) : []).toEqual([]);
});
