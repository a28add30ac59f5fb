/** A kill at any point of a health check: it goes on where it stood, and asks for the test that runs on the device. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HealthCheck } from '../../electron/contract/self-test'
import { makeTempDir } from '../helpers/temp-dir'
import { buildProgram } from './build-program'

const PROGRAM = fileURLToPath(new URL('./check-program.ts', import.meta.url))
const run = promisify(execFile)

interface End {
  readonly points: number
  readonly checks: readonly HealthCheck[]
  /** Orders that the device was given. */
  readonly told: readonly string[]
}

let program: Awaited<ReturnType<typeof buildProgram>>
beforeAll(async () => {
  program = await buildProgram(PROGRAM, true)
})
afterAll(() => program.remove())

const start = async (folder: string, killAt: number): Promise<End | 'killed'> => {
  try {
    const { stdout } = await run(process.execPath, [program.path, folder, String(killAt)])
    return JSON.parse(stdout)
  } catch (thrown) {
    if (thrown instanceof Error && 'signal' in thrown && thrown.signal === 'SIGKILL') return 'killed'
    throw thrown
  }
}

const startToEnd = async (folder: string): Promise<End> => {
  const end = await start(folder, 0)
  if (end === 'killed') throw new Error('this run was not to be killed')
  return end
}

it('at each point in turn', async () => {
  const folder = makeTempDir()
  const whole = await startToEnd(folder.path)
  folder.remove()
  expect(whole.told).toEqual(['SelfTest', 'Ping'])
  let twice = 0
  const killAndGoOn = async (killAt: number): Promise<void> => {
    const killed = makeTempDir()
    expect(await start(killed.path, killAt)).toBe('killed')
    const { checks, told } = await startToEnd(killed.path)
    killed.remove()
    const where = `killed at point ${killAt} of ${whole.points}`
    expect(checks, where).toHaveLength(1)
    expect(checks[0], where).toMatchObject({ verdict: 'ok', findings: [{ finding: 'all-well' }] })
    const done = checks[0]?.entries.filter(({ verdict }) => verdict === 'ok').map(({ test }) => test)
    expect(done, where).toEqual(['reachable', 'memory', 'ping'])
    // A test is ordered again only where its number was not on disk yet.
    if (told.length > 2) twice += 1
    expect(told.length, where).toBeLessThanOrEqual(3)
  }
  const all = Array.from({ length: whole.points }, (_, i) => i + 1)
  const lane = async (): Promise<void> => {
    for (let killAt = all.shift(); killAt !== undefined; killAt = all.shift()) await killAndGoOn(killAt)
  }
  await Promise.all([lane(), lane(), lane()])
  // For each of two tests: after the order, before the write of its number, and nowhere else.
  expect(twice).toBe(4)
}, 300_000)
