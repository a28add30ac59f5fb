/** The device's log under `kill -9` at any point: of appending, of reading, of clearing, of writing the file anew. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeLeftovers } from '../../electron/device/atomic-file'
import { LogRing } from '../../electron/device/log-ring'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { makeTempDir } from '../helpers/temp-dir'
import { buildProgram } from './build-program'

let program: Awaited<ReturnType<typeof buildProgram>>
beforeAll(async () => {
  program = await buildProgram(fileURLToPath(new URL('./log-program.ts', import.meta.url)), true)
})
afterAll(() => program.remove())

/** Runs the program and kills it once it has said `bytes` of text; gives what it said, line by line. */
const runAndKill = async (folder: string, bytes: number): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [program.path, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
    if (said.length >= bytes) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

const last = (lines: readonly string[], word: string): number =>
  Number(lines.findLast((line) => line.startsWith(`${word} `))?.split(' ')[1] ?? 0)

it('keeps what was written and what was cleared, gives no number twice, and starts again every time', async () => {
  const { path, remove } = makeTempDir('iotmc-log-kill-')
  const clock = { now: () => systemClock.now(), synchronised: true }
  let [written, read, cleared, boots] = [0, 0, 0, 0]
  let logId: string | undefined
  try {
    for (let round = 0; round < 25; round += 1) {
      // Different lengths meet different steps; each is long enough for the file to be written anew.
      const lines = await runAndKill(path, 9_000 + round * 977)
      written = Math.max(written, last(lines, 'wrote'))
      read = Math.max(read, last(lines, 'read'))
      cleared = Math.max(cleared, last(lines, 'cleared'))
      // As the device does at each start.
      removeLeftovers(path)
      const ring = LogRing.open(path, { clock, random: systemRandom })
      boots += 2
      logId ??= ring.logId
      expect([ring.damaged, ring.logId, ring.boot]).toEqual([false, logId, boots])
      // Whatever it said that it had done is done; one step more may have been.
      expect(ring.newest).toBeGreaterThanOrEqual(written)
      expect(ring.retrieved).toBeGreaterThanOrEqual(read)
      expect(ring.oldest).toBeGreaterThan(cleared)
      const sequences = ring.records().map(({ sequence }) => sequence)
      expect(sequences).toEqual(sequences.map((_, i) => ring.oldest + i))
      expect(sequences.at(-1) ?? ring.newest).toBe(ring.newest)
      // Each number was written, dropped, cleared, or is there.
      expect(ring.dropped).toBeLessThan(ring.oldest)
      const bytes = ring.records().reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)) + 1, 0)
      expect(bytes >= 64 * 1024 || ring.oldest <= ring.retrieved + 1).toBe(true)
      written = ring.newest
      ring.close()
      expect(readdirSync(path)).toEqual(['log.jsonl'])
    }
    expect(cleared).toBeGreaterThan(0)
  } finally {
    remove()
  }
}, 180_000)
