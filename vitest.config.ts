import { configDefaults, defineConfig } from 'vitest/config'

/** Folders whose tests use real sockets: each file alone, since they share the multicast group. */
const networked = ['integration', 'interop', 'faults']
/** Many random runs over whole parts: too long to wait for at each change. */
const deep = 'test/**/*.deep.test.ts'
const elsewhere = [...networked, 'e2e'].map((folder) => `test/${folder}/**`)

export default defineConfig({
  test: {
    globalSetup: 'test/helpers/temporary.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, ...elsewhere, deep],
          // Far above what any needs: a machine with other work is no failure, a test that hangs is one.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'deep',
          include: [deep],
          exclude: [...configDefaults.exclude, ...elsewhere],
          testTimeout: 60_000,
        },
      },
      ...networked.map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      })),
    ],
  },
})
