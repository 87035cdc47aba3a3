import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/** What Electron 9 (Node 12.14, Chromium 83) needs beyond what electron-vite lets one say. */
const oldNode: Plugin = {
  name: 'old-node',
  enforce: 'post',
  configResolved: ({ environments }) => {
    // `node12` alone leaves private methods, which came with Node 14.6.
    for (const { build } of Object.values(environments)) build.target = ['node12', 'chrome83'];
  },
  // Its Node does not know builtin modules by `node:`.
  renderChunk: (code) => code.replace(/require\((["'])node:/g, 'require($1'),
};

// Three bundles: the thin shell (main, preload) as CommonJS, which starts on old Electrons too, and the window. The
// host and its workers are plain Node and run from their sources.
export default defineConfig({
  main: {
    plugins: [oldNode],
    build: {
      target: 'node12',
      // One file that needs nothing of node_modules.
      externalizeDeps: false,
      outDir: 'out/main',
      lib: { entry: 'src-main/main.ts', formats: ['cjs'] },
    },
  },
  preload: {
    plugins: [oldNode],
    build: {
      target: 'node12',
      externalizeDeps: false,
      outDir: 'out/preload',
      // A sandboxed preload must be one file.
      lib: { entry: 'src-main/preload.ts', formats: ['cjs'] },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [vue()],
    build: {
      target: 'chrome83',
      minify: true,
      outDir: 'out/renderer',
      rollupOptions: {
        input: 'src-renderer/index.html',
        output: {
          codeSplitting: {
            // What draws is large and goes with no page that draws nothing; the part for SVG files is loaded for them.
            groups: [{ name: 'echarts', test: /node_modules[\\/](echarts|zrender)[\\/](?!.*svg)/i }],
          },
        },
      },
    },
  },
});
