/** The log of one device into the store of this laptop, and cleared there only through what is stored. */
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { isEnded, type Job } from '../../electron/contract/job'
import type { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { type FetchLogTools, fetchLogPlan } from '../../electron/jobs/fetch-log'
import { JobRunner } from '../../electron/jobs/runner'
import { everyPage, openStore } from '../diagnostics/open'
import { udnOf } from '../helpers/device-row'
import { LogDouble } from '../helpers/log-double'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal, settle } from './bench'

const UDN = udnOf(1)

const makeWorld = (device = new LogDouble()) => {
  const clock = new VirtualClock()
  const { store, again } = openStore({ clock })
  const journal = new MemoryJournal()
  const cleared: number[] = []
  const world: { online: boolean; wake: () => void } = { online: true, wake: () => undefined }
  const toolsOf = ({ logs }: DiagnosticsStore): FetchLogTools => ({
    clock,
    store: logs,
    call: (_, action, args) => device.call(action, args),
    isOnline: () => world.online,
    onWake: (_, listener) => {
      world.wake = listener
      return () => undefined
    },
    cleared: (_, through) => void cleared.push(through),
  })
  const runnerOn = (on: DiagnosticsStore) =>
    new JobRunner({
      clock,
      journal,
      concurrency: 8,
      plan: (job) => fetchLogPlan(toolsOf(on), job),
      log: keepingLog(),
    })
  const run = async (clear: boolean, on = store): Promise<Job> => {
    const runner = runnerOn(on)
    runner.start()
    const [job] = runner.submit('fetch-log', [UDN], { clear: String(clear) })
    const ended = await pass(runner, job?.id ?? '')
    await runner.stop()
    return ended
  }
  const pass = async (runner: JobRunner, id: string): Promise<Job> => {
    for (let n = 0; n < 2_000; n += 1) {
      await settle()
      const job = runner.get(id)
      if (job && isEnded(job.state)) return job
      if (n % 20 === 19) clock.advance(1_000)
    }
    throw new Error(`the job does not end: ${JSON.stringify(runner.get(id))}`)
  }
  return { clock, store, again, journal, device, cleared, world, run, runnerOn, pass }
}

const stepOf = (job: Job, name: string) => job.steps.find((step) => step.name === name)

/** Sequence numbers of what is stored, ascending. */
const storedOf = async (store: DiagnosticsStore): Promise<number[]> => {
  const { records } = await everyPage(store, {}, 500)
  return records.map(({ sequence }) => sequence).sort((a, b) => a - b)
}
const upTo = (to: number, from = 1): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('retrieving', () => {
  it('takes page after page, and the next time only what is new', async () => {
    const { device, run, store } = makeWorld()
    device.write(2_500)
    const job = await run(false)
    expect(job.error).toBeUndefined()
    expect(stepOf(job, 'retrieve')?.note).toBe('2500 records')
    expect(stepOf(job, 'clear')?.state).toBe('skipped')
    expect(await storedOf(store)).toEqual(upTo(2_500))
    device.asked.splice(0)
    device.write(10)
    await run(false)
    expect(device.asked[0]).toBe('GetDiagnosticsLog 2500')
    expect(await storedOf(store)).toEqual(upTo(2_510))
    expect(store.logs.stand(UDN)).toMatchObject({ stored: 2_510, through: 2_510, lost: 0, clearedThrough: 0 })
  })

  it('stores each page before it asks for the next', async () => {
    const { device, run, store } = makeWorld()
    device.answerMax = 100
    device.write(350)
    const stored: (number | undefined)[] = []
    device.before = () => void stored.push(store.logs.stand(UDN)?.stored)
    await run(false)
    expect(stored.slice(0, 4)).toEqual([undefined, 100, 200, 300])
  })

  it('says how many records the ring has lost, exactly', async () => {
    const { device, run, store } = makeWorld(new LogDouble(1_000))
    device.write(700)
    await run(false)
    device.write(1_800)
    expect(device.dropped).toBe(1_500)
    const job = await run(false)
    expect(stepOf(job, 'retrieve')?.note).toBe('1000 records, 800 lost')
    expect(await storedOf(store)).toEqual([...upTo(700), ...upTo(2_500, 1_501)])
    expect(store.logs.stand(UDN)).toMatchObject({ stored: 1_700, through: 2_500, lost: 800 })
  })

  it('notes a record that is missing in the middle, and goes on behind it', async () => {
    const { device, run, store } = makeWorld()
    device.write(20)
    device.records = device.records.filter(({ sequence }) => sequence !== 7 && sequence !== 8)
    await run(false)
    expect(store.logs.stand(UDN)).toMatchObject({ stored: 18, through: 20, lost: 2 })
  })

  it('believes no device that says it holds what it never had', async () => {
    const { device, run, store } = makeWorld()
    device.write(20)
    const { call } = device
    const lies: Record<string, string>[] = [{ OldestSequence: '4000000000' }, { NewestSequence: '19' }]
    for (const lie of lies) {
      device.call = async (...args) => ({ ...(await call.apply(device, args)), ...lie })
      expect((await run(false)).error?.code).toBe('BAD_ANSWER')
      expect(store.logs.stand(UDN)).toBeUndefined()
    }
  })

  it('begins a new log where the device was wiped, whether its numbers are below or above the old ones', async () => {
    const { device, run, store } = makeWorld()
    device.write(50)
    await run(false)
    device.wipe('00000000000000b2')
    device.write(20)
    await run(false)
    expect(store.logs.stand(UDN)).toMatchObject({ logId: device.logId, stored: 20, through: 20, lost: 0 })
    device.wipe('00000000000000c3')
    device.write(90)
    await run(true)
    expect(store.logs.stand(UDN)).toMatchObject({ stored: 90, through: 90, lost: 0, clearedThrough: 90 })
    expect((await storedOf(store)).length).toBe(160)
  })

  it('ends, although the device writes faster than it is read', async () => {
    const { device, run } = makeWorld()
    device.answerMax = 100
    device.write(250)
    device.before = (action) => action === 'GetDiagnosticsLog' && device.write(150)
    expect((await run(false)).state).toBe('done')
  })

  it('of an empty log is no error', async () => {
    const { device, run, store } = makeWorld()
    expect((await run(true)).state).toBe('done')
    expect(store.logs.stand(UDN)).toMatchObject({ logId: device.logId, stored: 0, through: 0 })
  })

  it('waits for a device that is not there', async () => {
    const bench = makeWorld()
    bench.device.write(5)
    bench.world.online = false
    const runner = bench.runnerOn(bench.store)
    runner.start()
    const [job] = runner.submit('fetch-log', [UDN], { clear: 'false' })
    await settle()
    expect(runner.get(job?.id ?? '')?.state).toBe('waiting')
    bench.world.online = true
    bench.world.wake()
    expect((await bench.pass(runner, job?.id ?? '')).state).toBe('done')
  })

  it('goes on after answers that were lost', async () => {
    const { device, run, store } = makeWorld()
    device.answerMax = 50
    device.write(400)
    let count = 0
    device.after = () => {
      count += 1
      if (count % 3 === 0) throw new IotmcError('DEVICE_UNREACHABLE')
    }
    const job = await run(true)
    expect(job.error).toBeUndefined()
    expect(await storedOf(store)).toEqual(upTo(400))
    expect(device.records).toEqual([])
  })

  it.each([
    ['records out of order', (d: LogDouble) => d.records.reverse(), 'BAD_ANSWER'],
    ['no JSON', (d: LogDouble) => Object.defineProperty(d, 'logId', { value: 'x' }), 'BAD_ANSWER'],
  ])('refuses %s', async (_, spoil, code) => {
    const { device, run, store } = makeWorld()
    device.write(5)
    spoil(device)
    expect((await run(true)).error?.code).toBe(code)
    expect(store.logs.stand(UDN)).toBeUndefined()
    expect(device.asked.some((asked) => asked.startsWith('Clear'))).toBe(false)
  })
})

describe('clearing', () => {
  it('goes through what is stored and no further', async () => {
    const { device, run, store, cleared } = makeWorld()
    device.write(120)
    device.before = (action) => action === 'ClearDiagnosticsLog' && device.write(7)
    const job = await run(true)
    expect(job.state).toBe('done')
    expect(device.asked).toContain('ClearDiagnosticsLog 120')
    expect(cleared).toEqual([120])
    expect(store.logs.stand(UDN)?.clearedThrough).toBe(120)
    expect(device.dropped).toBe(0)
    // The reading back brings what came meanwhile.
    expect(await storedOf(store)).toEqual(upTo(127))
  })

  it('reads again where the device does not know of the reading', async () => {
    const { device, run } = makeWorld()
    device.answerMax = 30
    device.write(100)
    let forgot = false
    device.before = (action) => {
      if (action !== 'ClearDiagnosticsLog' || forgot) return
      forgot = true
      device.retrievedThrough = 0
    }
    const job = await run(true)
    expect(job.error).toBeUndefined()
    expect(device.asked.filter((asked) => asked.startsWith('Clear'))).toHaveLength(2)
    expect(device.records).toEqual([])
  })

  it('gives up on a device that refuses again and again', async () => {
    const { device, run } = makeWorld()
    device.write(100)
    device.before = (action) => {
      if (action === 'ClearDiagnosticsLog') device.retrievedThrough = 0
    }
    expect((await run(true)).error?.code).toBe('NOT_RETRIEVED')
    expect(device.records).toHaveLength(100)
  })

  it('of a log that was changed for a new one meanwhile clears the new one, once it is stored', async () => {
    const { device, run, store } = makeWorld()
    device.write(100)
    let wiped = false
    device.before = (action) => {
      if (action !== 'ClearDiagnosticsLog' || wiped) return
      wiped = true
      device.wipe('00000000000000b2')
      device.write(10)
    }
    expect((await run(true)).error).toBeUndefined()
    expect(store.logs.stand(UDN)).toMatchObject({ logId: device.logId, through: 10, clearedThrough: 10 })
    expect(await storedOf(store)).toHaveLength(110)
  })

  it('may be cancelled while the device is away', async () => {
    const { clock, device, world, store, runnerOn, pass } = makeWorld()
    device.write(3)
    device.before = (action) => {
      if (action !== 'ClearDiagnosticsLog') return
      world.online = false
      throw new IotmcError('DEVICE_UNREACHABLE')
    }
    const runner = runnerOn(store)
    runner.start()
    const [job] = runner.submit('fetch-log', [UDN], { clear: 'true' })
    const id = job?.id ?? ''
    await settle()
    for (let n = 0; n < 100 && runner.get(id)?.state !== 'waiting'; n += 1) {
      clock.advance(1_000)
      await settle()
    }
    expect(runner.get(id)?.state).toBe('waiting')
    runner.cancel([id])
    expect((await pass(runner, id)).state).toBe('cancelled')
    expect(store.logs.stand(UDN)).toMatchObject({ stored: 3, clearedThrough: 0 })
  })

  it('notes what the device has cleared, although a cancel came meanwhile', async () => {
    const { device, store, runnerOn, pass } = makeWorld()
    device.write(3)
    const runner = runnerOn(store)
    device.before = (action) => {
      if (action === 'ClearDiagnosticsLog') runner.cancel(runner.list().map((job) => job.id))
    }
    runner.start()
    const [job] = runner.submit('fetch-log', [UDN], { clear: 'true' })
    expect((await pass(runner, job?.id ?? '')).state).toBe('cancelled')
    expect(store.logs.stand(UDN)).toMatchObject({ stored: 3, clearedThrough: 3 })
  })

  it('that did not happen is found out by reading back', async () => {
    const { device, run } = makeWorld()
    device.write(10)
    const kept = [...device.records]
    device.after = (action) => {
      if (action === 'ClearDiagnosticsLog') device.records = kept
    }
    const job = await run(true)
    expect(job.error?.code).toBe('READ_BACK_DIFFERS')
    expect(stepOf(job, 'read-back')?.state).toBe('failed')
  })
})

describe('a stop at any exchange', () => {
  it('and a new start lose nothing and double nothing', { timeout: 60_000 }, async () => {
    for (let stopAt = 1; stopAt <= 7; stopAt += 1) {
      for (const when of ['before', 'after'] as const) {
        const bench = makeWorld(new LogDouble(400))
        const { device, store, again, journal, clock } = bench
        device.answerMax = 100
        device.write(1_000)
        let count = 0
        let gone = false
        const die = (): void => {
          count += 1
          if (count !== stopAt) return
          gone = true
          throw new Error('killed')
        }
        device[when] = die
        const first = new JobRunner({
          clock,
          concurrency: 1,
          log: keepingLog(),
          // What was killed writes no end.
          journal: {
            list: () => journal.list(),
            insert: (jobs) => journal.insert(jobs),
            remove: (ids) => journal.remove(ids),
            save: (job) => void (gone || journal.save(job)),
          },
          plan: (job) =>
            fetchLogPlan(
              {
                clock,
                store: store.logs,
                call: (_, action, args) => device.call(action, args),
                isOnline: () => true,
                onWake: () => () => undefined,
                cleared: () => undefined,
              },
              job,
            ),
        })
        first.start()
        const [job] = first.submit('fetch-log', [UDN], { clear: 'true' })
        await bench.pass(first, job?.id ?? '')
        device[when] = () => undefined
        // Four pages, the clearing, the reading back.
        expect(gone, `stopped ${when} exchange ${stopAt}`).toBe(stopAt <= 6)
        if (!gone) continue
        device.write(20)
        const reopened = await again()
        const runner = bench.runnerOn(reopened)
        runner.start()
        const end = await bench.pass(runner, job?.id ?? '')
        expect(end.error, `stopped ${when} exchange ${stopAt}`).toBeUndefined()
        const stand = reopened.logs.stand(UDN)
        // Once the first page is stored, what the ring drops after that was fetched before.
        const lost = stopAt === 1 ? 620 : 600
        expect(stand?.lost).toBe(lost)
        expect(await storedOf(reopened)).toEqual(upTo(1_020, 1 + lost))
        expect(device.records.every(({ sequence }) => sequence > (stand?.clearedThrough ?? 0))).toBe(true)
        await runner.stop()
      }
    }
  })
})
