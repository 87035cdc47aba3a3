import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

// Three bundles: the thin shell (main, preload) as CommonJS, which starts on old Electrons too, and the window. The
// host and its workers are plain Node and run from their sources.
export default defineConfig({
  main: {
    build: {
      target: 'node12',
      outDir: 'out/main',
      lib: { entry: 'src-main/main.ts', formats: ['cjs'] },
    },
  },
  preload: {
    build: {
      target: 'node12',
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
      outDir: 'out/renderer',
      rollupOptions: { input: 'src-renderer/index.html' },
    },
  },
});
