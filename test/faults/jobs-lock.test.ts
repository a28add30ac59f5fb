/** One program per data folder, also when programs die. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { acquireLock } from '../../electron/store/lock'
import { makeTempDir } from '../helpers/temp-dir'
import { buildProgram } from './build-program'

let program: Awaited<ReturnType<typeof buildProgram>>
beforeAll(async () => {
  program = await buildProgram(fileURLToPath(new URL('./lock-program.ts', import.meta.url)))
})
afterAll(() => program.remove())

let folder: ReturnType<typeof makeTempDir>
let children: ChildProcess[] = []
beforeEach(() => {
  folder = makeTempDir()
})
afterEach(async () => {
  await Promise.all(children.map(kill))
  children = []
  folder.remove()
})

const start = async (): Promise<{ child: ChildProcess; said: string }> => {
  const child = spawn(process.execPath, [program.path, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, said: String(said) }
}

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

it('names the holder to another process, and is free as soon as the holder is killed', async () => {
  const holder = await start()
  expect(holder.said).toBe('held')
  expect((await start()).said).toBe(`DATA_IN_USE process ${holder.child.pid}`)
  expect(() => acquireLock(join(folder.path, 'lock'))).toThrow(
    expect.objectContaining({ code: 'DATA_IN_USE', detail: `process ${holder.child.pid}` }),
  )
  await kill(holder.child)
  acquireLock(join(folder.path, 'lock'))()
  expect((await start()).said).toBe('held')
})

it('goes to exactly one of many that start at once', async () => {
  for (let round = 0; round < 3; round += 1) {
    const started = await Promise.all(Array.from({ length: 6 }, start))
    expect(started.filter(({ said }) => said === 'held')).toHaveLength(1)
    await Promise.all(started.map(({ child }) => kill(child)))
  }
})
