/** Bundles a TypeScript program, so that a test can run it as a process of its own and kill it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'

/** Inside the project, where the program finds its packages. */
const CACHE = join(process.cwd(), 'node_modules', '.cache', 'test-programs')

/** What finds its own files at run time. */
const NATIVE = ['@photostructure/sqlite', 'serialport']

/** The built program's path, for `node`; packages stay outside of it, unless `whole`: one file starts twice as fast. */
export const buildProgram = async (
  entry: string,
  whole = false,
): Promise<{ readonly path: string; remove(): void }> => {
  await mkdir(CACHE, { recursive: true })
  const outDir = mkdtempSync(join(CACHE, 'program-'))
  await build({
    configFile: false,
    logLevel: 'error',
    ...(whole ? { ssr: { noExternal: true, external: NATIVE } } : {}),
    build: {
      ssr: entry,
      outDir,
      target: 'node20',
      rollupOptions: {
        output: { entryFileNames: 'program.mjs', ...(whole ? { codeSplitting: false } : {}) },
      },
    },
  })
  return {
    path: join(outDir, 'program.mjs'),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  }
}
