/** The library after its program was killed at any moment: each bundle is there wholly or not at all. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Library } from '../../electron/firmware/library'
import { sampleImage } from '../../electron/firmware/sample-image'
import { sha256Hex } from '../../electron/identity/pem'
import { draft, type Maker, maker, pack } from '../firmware/make'
import { makeTempDir } from '../helpers/temp-dir'
import { NOW } from '../identity/make'
import { buildProgram } from './build-program'

const ROUNDS = 25

let program: Awaited<ReturnType<typeof buildProgram>>
let folder: ReturnType<typeof makeTempDir>
let known: Maker
let bundles: string[]
beforeAll(async () => {
  program = await buildProgram(fileURLToPath(new URL('./library-program.ts', import.meta.url)), true)
  folder = makeTempDir('iotmc-library-kill-')
  known = await maker()
  writeFileSync(join(folder.path, 'root.pem'), known.root.pem)
  bundles = await Promise.all(
    ['2.4.0', '2.5.0'].map((version) =>
      pack(folder.path, {
        signer: known.signer,
        manifest: draft({ version }),
        image: sampleImage({ version, behaviour: 'healthy', padBytes: 3_000_000 }),
        name: version,
      }),
    ),
  )
})
afterAll(() => {
  program.remove()
  folder.remove()
})

/** Kills the program a little after it has said its nth line. */
const killedAfter = async (home: string, lines: number, extraMs: number): Promise<string[]> => {
  const args = [program.path, home, join(folder.path, 'root.pem'), String(NOW), ...bundles]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const said: string[] = []
  const output = createInterface({ input: child.stdout })
  output.on('line', (line) => {
    said.push(line)
    if (said.length === lines) setTimeout(() => child.kill('SIGKILL'), extraMs)
  })
  expect(await ended).toEqual([null, 'SIGKILL'])
  return said
}

it(`holds whole bundles only, in ${ROUNDS} rounds`, async () => {
  const home = join(folder.path, 'firmware')
  const seen = new Set<string>()
  let cutShort = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const said = await killedAfter(home, 1 + (round % 9), (round * 7) % 13)
    for (const line of said) seen.add(line)
    cutShort += readdirSync(home).filter((name) => name.startsWith('.')).length
    const library = await Library.open(home, {
      trust: () => ({ anchors: [known.root.pem], crls: [] }),
      now: () => NOW,
    })
    const { bundles: kept } = await library.list()
    expect(readdirSync(home).sort(), said.join()).toEqual(kept.map(({ id }) => id).sort())
    for (const { id, manifest, problem } of kept) {
      expect(problem).toBeUndefined()
      expect(sha256Hex(readFileSync(library.files(id).image))).toBe(manifest.image.sha256)
    }
  }
  expect(seen).toContain('writing')
  expect(seen).toContain('removed')
  // Otherwise the kills came at harmless moments only.
  expect(cutShort).toBeGreaterThan(0)
})
