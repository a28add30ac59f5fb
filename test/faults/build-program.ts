/** Bundles a TypeScript program, so that a test can run it as a process of its own and kill it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'

/** Inside the project, where the program finds its packages. */
const CACHE = join(process.cwd(), 'node_modules', '.cache', 'test-programs')

/** The built program's path, for `node`; packages stay outside of it. */
export const buildProgram = async (entry: string): Promise<{ readonly path: string; remove(): void }> => {
  await mkdir(CACHE, { recursive: true })
  const outDir = mkdtempSync(join(CACHE, 'program-'))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: entry,
      outDir,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  })
  return {
    path: join(outDir, 'program.mjs'),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  }
}
