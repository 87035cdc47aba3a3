import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Running } from '../cli.ts';
import { expect, Studio, test } from './fixtures.ts';

// `swamp serve` as a process. Who may come in is src-main/web/web.test.ts.

interface Told {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
}

const told = async (serve: Running): Promise<Told> =>
  JSON.parse(await serve.until(() => serve.stdout.includes('\n') && serve.stdout)) as Told;

test('of several that start in the same instant one serves, and the others print its addresses', async () => {
  const studio = new Studio();
  const started = Array.from(
    { length: 3 },
    () => new Running(['serve', '--port', '0', '--json', '--library', studio.library]),
  );
  try {
    const all = await Promise.all(started.map(told));
    const pids = new Set(all.map(({ pid }) => pid));
    expect(pids.size).toBe(1);
    expect(new Set(all.map(({ port }) => port)).size).toBe(1);
    const others = started.filter(({ pid }) => !pids.has(pid));
    expect(others).toHaveLength(2);
    for (const { ended } of others) expect((await ended).code).toBe(0);
    // Each lets one browser in.
    expect(new Set(all.map(({ url }) => url)).size).toBe(3);
    for (const { url } of all) expect((await fetch(url)).status).toBe(200);
    // The one that serves is killed: what it held is free, and the next serves.
    started.find(({ pid }) => pids.has(pid))?.kill();
    const next = new Running(['serve', '--port', '0', '--json', '--library', studio.library]);
    started.push(next);
    const { pid, url } = await told(next);
    expect(pid).toBe(next.pid);
    expect((await fetch(url)).status).toBe(200);
  } finally {
    for (const each of started) each.interrupt();
    await Promise.all(started.map(({ ended }) => ended));
    await studio.close();
  }
});

test('the command line of the browser that --open starts lets nobody else in', async () => {
  test.skip(process.platform !== 'linux', 'a browser is started otherwise here');
  const studio = new Studio();
  // In place of a browser: writes down what everybody could read of it.
  const [programs, seen] = [join(studio.folder, 'programs'), join(studio.folder, 'seen')];
  mkdirSync(programs);
  writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\ntr '\\0' ' ' < /proc/$$/cmdline >> '${seen}'\n`);
  chmodSync(join(programs, 'xdg-open'), 0o755);
  const env = { PATH: `${programs}${delimiter}${process.env['PATH']}`, WSL_DISTRO_NAME: undefined };
  const args = ['serve', '--open', '--port', '0', '--library', studio.library];
  const serve = new Running([...args, '--json'], { env });
  try {
    const { url, port } = await told(serve);
    const opened = (): string => (existsSync(seen) ? readFileSync(seen, 'utf8') : '');
    const first = await serve.until(() => /http:\S+/.exec(opened())?.[0]);
    expect(first).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/\\?own=[\\w-]{43}$`));
    expect(opened()).not.toContain(new URL(url).searchParams.get('token'));
    // What is seen there is no token: over a tunnel of somebody else it is worth nothing (web.test.ts).
    expect((await fetch(first.replace('own=', 'token='))).status).toBe(401);
    expect((await fetch(first)).status).toBe(200);
    // Neither does that of a second start, which asks the first.
    const second = new Running(args, { env });
    expect((await second.ended).code).toBe(0);
    await serve.until(() => opened().split('http:').length === 3);
    expect(opened()).not.toContain('token=');
  } finally {
    serve.interrupt();
    await serve.ended;
    await studio.close();
  }
});
