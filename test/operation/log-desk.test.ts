/** The desk of logs: following a device, what is told when something is stored, and searches that end one another. */
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { Job } from '../../electron/contract/job'
import { LOG_LIMITS } from '../../electron/contract/timings'
import { LogDesk, type LogStored } from '../../electron/operation/log-desk'
import { LOG_ID, recordsOf } from '../diagnostics/make'
import { openStore } from '../diagnostics/open'
import { udnOf } from '../helpers/device-row'
import { LogDouble } from '../helpers/log-double'
import { keepingLog } from '../helpers/quiet-log'
import { settle } from '../jobs/bench'

const UDN = udnOf(1)

const jobOf = (subject: string, params: Readonly<Record<string, string>>): Job => ({
  id: `job of ${subject}`,
  kind: 'fetch-log',
  subject,
  batch: 'batch-1',
  params,
  state: 'queued',
  steps: [],
  attempt: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
})

const makeDesk = () => {
  const bench = openStore()
  const device = new LogDouble()
  const audited: string[] = []
  const submitted: unknown[] = []
  /** Jobs that are under way already, by device. */
  const underWay = new Map<string, Job>()
  const log = keepingLog()
  const desk = new LogDesk({
    clock: bench.clock,
    link: { call: (_, __, action, args) => device.call(action, args) },
    runner: {
      submit: (kind, subjects, params) => {
        submitted.push({ kind, subjects, params })
        return subjects.map((subject) => underWay.get(subject) ?? jobOf(subject, params))
      },
    },
    store: bench.store.logs,
    log,
    isOnline: () => true,
    onWake: () => () => undefined,
    audit: (...words) => void audited.push(words.join(' ')),
  })
  const told: LogStored[] = []
  desk.onStored((stored) => told.push(stored))
  /** Lets time pass; what can go on goes on. */
  const pass = async (ms: number): Promise<void> => {
    bench.clock.advance(ms)
    for (let n = 0; n < 5; n += 1) await settle()
  }
  const asked = () => device.asked.splice(0)
  return { ...bench, device, desk, told, audited, submitted, underWay, log, pass, asked }
}

describe('a log that is followed', () => {
  it('is asked at once, then every two seconds, and what comes is told', async () => {
    const { desk, device, told, pass, asked } = makeDesk()
    device.write(3)
    desk.tail(UDN, true)
    await pass(0)
    expect(asked()).toEqual(['GetDiagnosticsLog 0'])
    expect(told).toHaveLength(1)
    expect(told[0]?.stand).toMatchObject({ udn: UDN, stored: 3, tail: true })
    expect(told[0]?.records.map(({ sequence }) => sequence)).toEqual([3, 2, 1])
    await pass(LOG_LIMITS.tailEveryMs)
    expect(asked()).toEqual(['GetDiagnosticsLog 3'])
    desk.tail(UDN, true)
    expect(desk.stand()).toMatchObject([{ udn: UDN, tail: true }])
    desk.tail(UDN, false)
    await pass(10 * LOG_LIMITS.tailEveryMs)
    expect(asked()).toEqual([])
    expect(desk.stand()).toMatchObject([{ udn: UDN, tail: false }])
  })

  it('is asked when an event tells of something new, and not for what is known', async () => {
    const { desk, device, pass, asked } = makeDesk()
    device.write(1)
    desk.newSequence(UDN, 1)
    desk.tail(UDN, true)
    await pass(0)
    asked()
    desk.newSequence(UDN, 1)
    await pass(0)
    expect(asked()).toEqual([])
    device.write(2)
    desk.newSequence(UDN, 2)
    desk.newSequence(UDN, 3)
    await pass(0)
    expect(asked()[0]).toBe('GetDiagnosticsLog 1')
    expect(desk.stand()).toMatchObject([{ through: 3 }])
  })

  it('that writes without end takes its turn, and no more', async () => {
    const { desk, device, pass, asked } = makeDesk()
    device.answerMax = 10
    device.write(20)
    device.before = () => device.write(20)
    desk.tail(UDN, true)
    await pass(0)
    expect(asked()).toHaveLength(5)
  })

  it('whose device is silent is asked less often, and noted once', async () => {
    const { desk, device, pass, asked, log } = makeDesk()
    device.before = () => {
      throw new IotmcError('DEVICE_OFFLINE')
    }
    desk.tail(UDN, true)
    for (let n = 0; n < 10; n += 1) await pass(LOG_LIMITS.tailEveryMs)
    expect(asked().length).toBeLessThanOrEqual(3)
    expect(log.lines).toHaveLength(1)
    device.before = () => undefined
    device.write(1)
    for (let n = 0; n < 5; n += 1) await pass(LOG_LIMITS.tailEveryMs)
    expect(desk.stand()).toMatchObject([{ stored: 1 }])
  })

  it('ends with the desk, and there are not too many', async () => {
    const { desk, pass, asked } = makeDesk()
    for (let n = 0; n < 32; n += 1) desk.tail(udnOf(n), true)
    expect(() => desk.tail(udnOf(99), true)).toThrow(expect.objectContaining({ code: 'BUSY' }))
    await pass(0)
    desk.close()
    asked()
    await pass(10 * LOG_LIMITS.tailEveryMs)
    expect(asked()).toEqual([])
  })
})

describe('what was stored', () => {
  it('is told whole, in parts of no more than 200, each newest first', () => {
    const { store, told } = makeDesk()
    store.logs.add(UDN, LOG_ID, recordsOf(1, 450))
    const sequences = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => to - i)
    expect(told.map(({ records }) => records.map(({ sequence }) => sequence))).toEqual([
      sequences(1, 200),
      sequences(201, 400),
      sequences(401, 450),
    ])
    expect(told.map(({ stand }) => stand.through)).toEqual([450, 450, 450])
  })
})

describe('a search', () => {
  it('ends the one before it of the same devices, and no other', async () => {
    const { store, desk } = makeDesk()
    store.logs.add(UDN, LOG_ID, recordsOf(1, 400))
    const codeOf = (asked: Promise<unknown>) => asked.then(() => 'answered').catch((error) => error.code)
    const outcomes = [
      codeOf(desk.query({ text: 'r', limit: 10 })),
      codeOf(desk.query({ udns: [UDN], text: 'r', limit: 10 })),
      codeOf(desk.query({ text: 're', limit: 10 })),
      codeOf(desk.query({ text: 're', limit: 10, before: { timeMs: 8e15, position: 1e9 } })),
      codeOf(desk.query({ text: 'rea', limit: 10 })),
    ]
    expect(await Promise.all(outcomes)).toEqual([
      'CANCELLED',
      'answered',
      'CANCELLED',
      'answered',
      'answered',
    ])
    const last = codeOf(desk.query({ limit: 10 }))
    desk.close()
    expect(['CANCELLED', 'INTERRUPTED']).toContain(await last)
  })
})

describe('orders', () => {
  it('to fetch are jobs, one a device', () => {
    const { desk, submitted, audited } = makeDesk()
    desk.fetch([UDN], false)
    expect(audited).toEqual([])
    desk.fetch([UDN, UDN, udnOf(2)], true)
    expect(submitted[1]).toEqual({ kind: 'fetch-log', subjects: [UDN, udnOf(2)], params: { clear: 'true' } })
    // That something was cleared is the job's line, and names nobody.
    expect(audited).toEqual([`log.clear ${UDN}`, `log.clear ${udnOf(2)}`])
  })

  it('that somebody else has ordered to clear is not laid to whoever only reads', () => {
    const { desk, audited, underWay } = makeDesk()
    underWay.set(UDN, jobOf(UDN, { clear: 'true' }))
    desk.fetch([UDN], false)
    expect(audited).toEqual([])
    underWay.set(UDN, jobOf(UDN, { clear: 'false' }))
    desk.fetch([UDN], true)
    expect(audited).toEqual([])
  })

  it('to export on the device say what was written, and are on record', async () => {
    const { desk, device, audited, asked } = makeDesk()
    device.write(7)
    expect(await desk.exportOnDevice(UDN, 'log-1.jsonl')).toEqual({ file: 'log-1.jsonl', written: 7 })
    expect(audited).toEqual([`log.exportedOnDevice ${UDN} log-1.jsonl, 7 records`])
    asked()
    await expect(desk.exportOnDevice(UDN, '../x')).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    expect(asked()).toEqual([])
  })
})
