/** A kill at any point of a job loses nothing and repeats nothing. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '../../electron/contract/job'
import { Records } from '../../electron/store/records'
import { makeTempDir } from '../helpers/temp-dir'
import { buildProgram } from './build-program'

interface Line {
  readonly pid: number
  readonly event: 'asked' | 'effect'
  readonly subject: string
  readonly step: string
}

const PROGRAM = fileURLToPath(new URL('./jobs-program.ts', import.meta.url))
const run = promisify(execFile)

let program: Awaited<ReturnType<typeof buildProgram>>
beforeAll(async () => {
  program = await buildProgram(PROGRAM)
})
afterAll(() => program.remove())

const start = async (folder: string, killAt: number): Promise<{ points: number; jobs: Job[] } | 'killed'> => {
  try {
    const { stdout } = await run(process.execPath, [program.path, folder, String(killAt)])
    return JSON.parse(stdout)
  } catch (thrown) {
    if (thrown instanceof Error && 'signal' in thrown && thrown.signal === 'SIGKILL') return 'killed'
    throw thrown
  }
}

const worldOf = (folder: string): Line[] => {
  const file = join(folder, 'world.jsonl')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const killAtAndGoOn = async (killAt: number): Promise<void> => {
  const folder = makeTempDir()
  try {
    expect(await start(folder.path, killAt)).toBe('killed')
    const before = worldOf(folder.path)
    const records = Records.open(join(folder.path, 'records.sqlite'))
    const journalled = records.jobs.list()
    records.close()
    const finished = journalled.filter((job) => job.state === 'done').map((job) => job.subject)
    const underWay = journalled.flatMap((job) => job.steps.filter((step) => step.state === 'running'))

    const end = await start(folder.path, 0)
    if (end === 'killed') throw new Error('the second run was not to be killed')
    expect(end.jobs.map((job) => [job.subject, job.state])).toEqual([
      ['uuid:a', 'done'],
      ['uuid:b', 'done'],
    ])
    const world = worldOf(folder.path)
    // Everything happened, in order, and nothing happened twice.
    const effects = world
      .filter((line) => line.event === 'effect')
      .map((line) => `${line.subject} ${line.step}`)
    const steps = ['find', 'issue-certificate']
    expect(effects).toEqual(
      ['uuid:a', 'uuid:b'].flatMap((subject) => steps.map((step) => `${subject} ${step}`)),
    )
    // The second run left what was finished alone, and asked about the uncertain step only.
    const after = world.slice(before.length)
    expect(after.filter((line) => finished.includes(line.subject))).toEqual([])
    const asked = after.filter((line) => line.event === 'asked').map((line) => line.step)
    expect(asked).toEqual(underWay.map((step) => step.name))
    expect(underWay.length).toBeLessThanOrEqual(1)
  } finally {
    folder.remove()
  }
}

it('at each point in turn, and goes on where it stood', async () => {
  const folder = makeTempDir()
  const whole = await start(folder.path, 0)
  folder.remove()
  if (whole === 'killed') throw new Error('the first run was not to be killed')
  // One insert, then for each of two jobs two steps begun and one end, and an effect in each step.
  expect(whole.points).toBe(2 + 2 * (3 * 2 + 2 * 2))
  for (let killAt = 1; killAt <= whole.points; killAt += 1) {
    await killAtAndGoOn(killAt).catch((cause: unknown) => {
      throw new Error(`killed at point ${killAt} of ${whole.points}: ${String(cause)}`, { cause })
    })
  }
}, 180_000)

it('again and again, one kill after the other', async () => {
  const folder = makeTempDir()
  let kills = 0
  // Far enough to get one step further in two runs.
  while (kills < 30 && (await start(folder.path, 5)) === 'killed') kills += 1
  const effects = worldOf(folder.path).filter((line) => line.event === 'effect')
  expect(effects).toHaveLength(4)
  expect(kills).toBeGreaterThan(3)
  folder.remove()
}, 120_000)
