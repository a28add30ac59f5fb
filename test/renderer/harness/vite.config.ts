import { tmpdir } from 'node:os'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: join(import.meta.dirname, '../../../renderer'),
  base: './',
  plugins: [react()],
  build: {
    outDir: join(tmpdir(), `iotmc-window${process.env.HARNESS_PORT ?? ''}`),
    emptyOutDir: true,
    target: 'chrome130',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
