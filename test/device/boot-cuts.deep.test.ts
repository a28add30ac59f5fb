/** Kills boot step, image and parent for real, at moments spread over a start. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { BankStore } from '../../electron/device/bank-store'
import type { BootProgram } from '../../electron/device/boot-process'
import {
  arm,
  bootProgram,
  type Factory,
  install,
  makeBench,
  makeFactory,
  makeHost,
  sample,
} from '../helpers/boot-bench'

const WAIT_MS = 300_000
const NEW = { slot: 'B', version: '2.0.0' } as const

let factory: Factory
let program: BootProgram
beforeAll(async () => {
  factory = await makeFactory()
  program = await bootProgram()
}, WAIT_MS)

/** A device with such an image in bank B, on trial from the next start on. */
const onTrial = async (image: Buffer): Promise<BankStore> => {
  const banks = await makeBench(factory)
  await install(banks, factory, image)
  arm(banks)
  return banks
}

/** One of three victims in turn; 67 ms apart, the moments meet every part of a start. */
const RUNS = 36

describe('a power cut', { timeout: WAIT_MS }, () => {
  /** As a device process: holds the boot step's stdin, repeats its lines, and is killed. */
  const HOLDER = `
    const { spawn } = require('node:child_process')
    const boot = spawn(process.argv[1], process.argv.slice(2), { stdio: ['pipe', 1, 'inherit'] })
    process.stdout.write(JSON.stringify({ event: 'boot', pid: boot.pid }) + '\\n')
    boot.on('exit', () => process.exit())
  `
  /** Whoever adopts an orphan may be slow to bury it. */
  const isDead = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    } catch {
      return true
    }
  }
  const gone = async (pid: number): Promise<void> => {
    while (!isDead(pid)) await pause(5)
  }
  type Victim = 'boot' | 'image' | 'holder'

  /** Starts, kills one of the three so many ms later, and waits until all are gone. */
  const cut = (banks: BankStore, victim: Victim, afterMs: number): Promise<readonly string[]> =>
    new Promise((done) => {
      const holder = spawn(process.execPath, ['-e', HOLDER, program.command, ...program.args, banks.folder], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const pids: Partial<Record<Victim, number>> = { ...(holder.pid ? { holder: holder.pid } : {}) }
      const events: string[] = []
      let due = false
      const strike = (): void => {
        const pid = pids[victim]
        if (!due || pid === undefined) return
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // Ended by itself.
        }
      }
      setTimeout(() => {
        due = true
        strike()
      }, afterMs)
      createInterface({ input: holder.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as { event: string; pid?: number }
        events.push(line.event)
        if (line.event === 'boot') pids.boot = line.pid
        if (line.event === 'started') pids.image = line.pid
        strike()
      })
      holder.once('exit', () => {
        void Promise.all(Object.values(pids).map(gone)).then(() => done(events))
      })
    })

  it.each(['boot', 'image', 'holder'] as const)('that takes the %s takes everything', async (victim) => {
    for (const behaviour of ['healthy', 'hang'] as const) {
      const banks = await onTrial(sample(behaviour))
      const events = await cut(banks, victim, 1_500)
      expect(events.slice(0, 3)).toEqual(['boot', 'booting', 'started'])
    }
  })

  it('at any moment leaves a table from which the right image starts', async () => {
    const victims = ['boot', 'image', 'holder'] as const
    for (let i = 0; i < RUNS; i += 1) {
      const banks = await onTrial(sample('healthy'))
      const victim = victims[i % victims.length] ?? 'boot'
      await cut(banks, victim, (i * 67) % 700)
      banks.taken()
      const { host: made } = makeHost(banks, program)
      expect(await made.comeUp()).toEqual(NEW)
      await made.stop()
    }
  })
})
