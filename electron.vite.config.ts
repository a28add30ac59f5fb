import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const at = (path: string) => resolve(import.meta.dirname, path)

const programs = {
  main: at('electron/main.ts'),
  cli: at('electron/cli.ts'),
  device: at('electron/device/main.ts'),
  boot: at('electron/device/boot.ts'),
  demo: at('test/demo/demo.ts'),
  bench: at('test/bench/main.ts'),
}

/** Stay in node_modules: native add-ons and what finds its own files at run time. The rest is bundled, which starts faster. */
const external = ['@photostructure/sqlite', 'serialport', 'node-ssdp', 'pdfkit']
/** Of the benchmarks alone. */
const externalOfTests = ['@playwright/test']

/** The oldest runtime that has to understand the output. */
const target = 'node20.18'

export default defineConfig({
  main: {
    build: {
      target,
      // Less to read and compile is a faster cold start.
      minify: true,
      externalizeDeps: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(programs).filter(([, path]) => existsSync(path))),
        external: [...external, ...externalOfTests, /^@serialport\//],
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          // Beside the programs, so that a path relative to the file means the same in every chunk.
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      target,
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: at('electron/preload.ts') },
        // A sandboxed preload has to be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    base: './',
    plugins: [react()],
    build: {
      target: 'chrome130',
      minify: true,
      // No data: URLs and no inline scripts: the page's content security policy forbids them.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
