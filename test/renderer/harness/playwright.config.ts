import { defineConfig } from '@playwright/test'

const PORT = Number(process.env.HARNESS_PORT ?? 4187)

export default defineConfig({
  testDir: '.',
  testMatch: ['*.shots.ts', '*.e2e.ts'],
  outputDir: '../../../test-results/window',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 5_000 },
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1366, height: 768 },
    browserName: 'chromium',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
  webServer: {
    command: `npx vite build -c vite.config.ts && npx vite preview -c vite.config.ts --host 127.0.0.1 --port ${PORT} --strictPort`,
    url: `http://127.0.0.1:${PORT}`,
    timeout: 60_000,
  },
})
