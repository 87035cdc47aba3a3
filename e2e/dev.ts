import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { createServer, type ProxyOptions } from 'vite';

// `npm run dev -- --library DIR`: the window with hot reload. Vite serves the page and passes `/socket` and what else the
// page fetches on to a `swamp serve` of its own, as the browser that was let in there.

const root = join(import.meta.dirname, '..');
const serve = spawn(
  process.execPath,
  [join(root, 'src-main', 'cli.ts'), 'serve', '--port', '0', '--json', ...process.argv.slice(2)],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
serve.on('exit', (code) => process.exit(code ?? 1));
const { url } = JSON.parse(
  await new Promise<string>((resolve) =>
    serve.stdout.once('data', (text: Buffer) => resolve(text.toString())),
  ),
) as { url: string };
const { origin } = new URL(url);
const cookie = (await fetch(url)).headers.get('set-cookie')?.split(';')[0] ?? '';
const headers = { cookie, origin };

/** Our page's requests go on as if the server had sent the page; those of other pages end here, as they would there. */
const configure: ProxyOptions['configure'] = (proxy) => {
  const isOurs = ({ headers: { origin: from, host } }: IncomingMessage): boolean =>
    from === undefined || from === `http://${host ?? ''}`;
  proxy.on('proxyReq', (passed, request) => void (isOurs(request) || passed.destroy()));
  proxy.on('proxyReqWs', (passed, request, socket) => {
    if (isOurs(request)) return;
    passed.destroy();
    socket.destroy();
  });
};
const server = await createServer({
  configFile: false,
  root: join(root, 'src-renderer'),
  plugins: [vue()],
  server: {
    host: '127.0.0.1',
    proxy: {
      '/socket': { target: origin, ws: true, changeOrigin: true, headers, configure },
      '/exports': { target: origin, changeOrigin: true, headers, configure },
      '/upload': { target: origin, changeOrigin: true, headers, configure },
    },
  },
});
await server.listen();
server.printUrls();
