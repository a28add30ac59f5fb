import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  // One window at a time: they share the display and the multicast group.
  workers: 1,
  timeout: 120_000,
  // A starting Electron is now and then never heard by the runner's debugger, and the start hangs: it is made once more.
  retries: 1,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  projects: [
    { name: 'e2e', testMatch: ['**/*.e2e.ts', '**/*.spec.ts'] },
    { name: 'packaged', testMatch: '**/*.packaged.ts' },
    { name: 'shots', testMatch: '**/*.shots.ts' },
    { name: 'pictures', testMatch: '**/*.pictures.ts' },
  ],
})
