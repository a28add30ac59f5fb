/** The device's log against a simple model of it, and against what a disk and a kill can do to its file. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LogRecord, logRecordSchema } from '../../electron/contract/device-log'
import { asIotmcError } from '../../electron/contract/errors'
import { LOG_LIMITS } from '../../electron/contract/timings'
import { BEHIND_MS, deviceClock } from '../../electron/device/device-clock'
import { LOG_FILE, LogRing } from '../../electron/device/log-ring'
import { cutText } from '../../electron/device/log-trim'
import { systemRandom } from '../../electron/net/clock'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'

let clock: VirtualClock
let dir: ReturnType<typeof makeTempDir>
let rings: LogRing[] = []
beforeEach(() => {
  clock = new VirtualClock()
  dir = makeTempDir('iotmc-log-')
  rings = []
})
afterEach(() => {
  for (const ring of rings) ring.close()
  dir.remove()
})

const open = (bytes?: number, folder = dir.path): LogRing => {
  const ring = LogRing.open(folder, { clock: deviceClock(clock, []), random: systemRandom, bytes })
  rings.push(ring)
  return ring
}
const draft = (text = 'x', severity = 5) => ({ severity, component: 'test', code: 'test.x', message: text })
const everything = { maxSeverity: 7, limit: 1000 }
const sequences = (records: readonly LogRecord[]): number[] => records.map(({ sequence }) => sequence)
const size = (record: LogRecord): number => Buffer.byteLength(JSON.stringify(record)) + 1
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'done'
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}
const path = () => join(dir.path, LOG_FILE)

/** What the ring is, said in the plainest way: all records ever, and where what is held begins. */
class Model {
  all: LogRecord[] = []
  from = 0
  newest = 0
  dropped = 0
  retrieved = 0
  constructor(readonly bytes: number) {}

  get held(): LogRecord[] {
    return this.all.slice(this.from)
  }
  append(record: LogRecord): void {
    this.all.push(record)
    this.newest = record.sequence
    const sum = (records: readonly LogRecord[]) => records.reduce((all, each) => all + size(each), 0)
    while (sum(this.all.slice(this.from + 1)) >= this.bytes) {
      this.from += 1
      this.dropped += 1
    }
  }
  clear(through: number): string {
    if (through > this.newest) return 'LOG_RANGE_GONE'
    const gone = this.held.filter(({ sequence }) => sequence <= through)
    if (gone.some(({ sequence }) => sequence > this.retrieved)) return 'NOT_RETRIEVED'
    this.from += gone.length
    return 'done'
  }
  read(after: number, limit: number, maxSeverity: number): number[] | string {
    if (after > this.newest) return 'LOG_RANGE_GONE'
    const fits = this.held.filter(({ sequence, severity }) => sequence > after && severity <= maxSeverity)
    const given = sequences(fits.slice(0, limit))
    const first = this.held[0]?.sequence ?? this.newest + 1
    const reached = given.at(-1) ?? 0
    if (maxSeverity === 7 && after <= Math.max(this.retrieved, first - 1) && reached > this.retrieved)
      this.retrieved = reached
    return given
  }
}

type Op =
  | { kind: 'append'; chars: number; severity: number }
  | { kind: 'read'; back: number; limit: number; severity: number }
  | { kind: 'clear'; back: number }
  | { kind: 'reopen' | 'kill' | 'boot' }
  | { kind: 'torn'; text: string }

const ops: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('append' as const), chars: fc.nat(500), severity: fc.nat(7) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      back: fc.integer({ min: -2, max: 30 }),
      limit: fc.integer({ min: 1, max: 12 }),
      severity: fc.constantFrom(7, 7, 4),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('clear' as const), back: fc.integer({ min: -2, max: 12 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('reopen' as const, 'kill' as const, 'boot' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('torn' as const),
      text: fc.constantFrom('{"boot":1,"seq', '\0\0\0\0', '{}x\n{"a', 'null\n', '\n\n'),
    }),
  },
)

describe('a log', () => {
  it('is what a simple model of it is, whatever happens to it', () => {
    fc.assert(
      fc.property(fc.array(ops, { minLength: 1, maxLength: 120 }), (steps) => {
        const own = makeTempDir('iotmc-ring-')
        const bytes = 3000
        const model = new Model(bytes)
        let ring = open(bytes, own.path)
        let boots = 1
        const { logId } = ring
        try {
          for (const step of steps) {
            switch (step.kind) {
              case 'append': {
                clock.jump(7)
                const record = ring.append(draft('m'.repeat(step.chars), step.severity))
                if (!record) throw new Error('not taken')
                expect(record.sequence).toBe(model.newest + 1)
                model.append(record)
                break
              }
              case 'read': {
                const after = Math.max(0, model.newest - step.back)
                const given = (() => {
                  try {
                    return sequences(
                      ring.read({ maxSeverity: step.severity, after, limit: step.limit }).records,
                    )
                  } catch (thrown) {
                    return asIotmcError(thrown).code
                  }
                })()
                expect(given).toEqual(model.read(after, step.limit, step.severity))
                break
              }
              case 'clear': {
                const through = Math.max(0, model.newest - step.back)
                expect(codeOf(() => ring.clear(logId, through))).toBe(model.clear(through))
                break
              }
              case 'boot':
                ring.beginBoot()
                boots += 1
                break
              case 'torn':
                appendFileSync(join(own.path, LOG_FILE), step.text)
                ring.close()
                ring = open(bytes, own.path)
                boots += 1
                break
              case 'reopen':
              case 'kill':
                // A killed process closes nothing; what it wrote is in the file all the same.
                if (step.kind === 'reopen') ring.close()
                ring = open(bytes, own.path)
                boots += 1
            }
            expect(ring.records()).toEqual(model.held)
            expect([ring.newest, ring.dropped, ring.retrieved]).toEqual([
              model.newest,
              model.dropped,
              model.retrieved,
            ])
            expect(ring.boot).toBe(boots)
            expect(ring.logId).toBe(logId)
          }
          const held = model.held.reduce((sum, record) => sum + size(record), 0)
          // It holds at least what it promises, or everything there was.
          expect(held >= bytes || model.dropped === 0 || model.from > model.dropped).toBe(true)
        } finally {
          own.remove()
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  it('filled past its size loses exactly the oldest, says how many, and holds at least 64 KiB', () => {
    const ring = open()
    const written: LogRecord[] = []
    while (ring.dropped < 500) {
      const record = ring.append(draft(`message ${written.length} ${'ä'.repeat(written.length % 90)}`))
      if (record) written.push(record)
    }
    expect(ring.records()).toEqual(written.slice(500))
    expect([ring.oldest, ring.newest, ring.dropped]).toEqual([501, written.length, 500])
    const held = ring.records().reduce((sum, record) => sum + size(record), 0)
    expect(held).toBeGreaterThanOrEqual(LOG_LIMITS.ringBytes)
    expect(held - size(written[500] as LogRecord)).toBeLessThan(LOG_LIMITS.ringBytes)
    // The file is bounded as well.
    for (let i = 0; i < 5000; i += 1) ring.append(draft('more of the same, and so on'))
    expect(statSync(path()).size).toBeLessThan(4 * LOG_LIMITS.ringBytes)
  })

  it('gives records that are what the contract says, dated by the clock of the device', () => {
    const late = LogRing.open(dir.path, { clock: deviceClock(clock, ['clock-behind']), random: systemRandom })
    rings.push(late)
    const record = late.append({ ...draft(), data: { key: 'value' } })
    expect(logRecordSchema.parse(record)).toEqual(record)
    expect(record).toMatchObject({
      boot: 1,
      sequence: 1,
      time: new Date(clock.now() - BEHIND_MS).toISOString(),
      clockSynchronised: false,
    })
    expect(open().append(draft())).toMatchObject({ boot: 2, sequence: 2, clockSynchronised: true })
  })

  it('keeps the order of boot and sequence when the clock goes back', () => {
    const ring = open()
    ring.append(draft('first'))
    clock.jump(-3600_000)
    ring.append(draft('second'))
    ring.beginBoot()
    ring.append(draft('third'))
    const { records } = ring.read({ ...everything, after: 0 })
    expect(records.map(({ boot, sequence, message }) => [boot, sequence, message])).toEqual([
      [1, 1, 'first'],
      [1, 2, 'second'],
      [2, 3, 'third'],
    ])
  })

  it('cuts too long texts and never half a character', () => {
    const ring = open()
    const record = ring.append({
      severity: 99,
      component: 'c'.repeat(100),
      code: 'd'.repeat(100),
      message: `${'m'.repeat(511)}😀`,
      data: Object.fromEntries([...Array(50).keys()].map((n) => [`${n}${'k'.repeat(60)}`, 'v'.repeat(300)])),
    })
    expect(logRecordSchema.parse(record)).toEqual(record)
    expect(record?.message).toBe('m'.repeat(511))
    expect(Object.keys(record?.data ?? {})).toHaveLength(16)
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'ä', '…', '😀'), maxLength: 24 }),
        fc.nat(20),
        (text, max) => {
          const cut = cutText(text, max)
          expect(cut.length).toBeLessThanOrEqual(max)
          expect(text.startsWith(cut)).toBe(true)
          expect(Buffer.from(cut).toString()).toBe(cut)
        },
      ),
    )
  })
})

describe('reading', () => {
  it('filters by severity and by time, both ends in it', () => {
    const ring = open()
    const startMs = clock.now()
    for (let n = 0; n < 8; n += 1) {
      ring.append(draft(`severity ${n}`, n))
      clock.jump(1000)
    }
    const ask = (more: object) => sequences(ring.read({ ...everything, after: 0, ...more }).records)
    expect(ask({ maxSeverity: 3 })).toEqual([1, 2, 3, 4])
    expect(ask({ fromMs: startMs + 2000 })).toEqual([3, 4, 5, 6, 7, 8])
    expect(ask({ fromMs: startMs + 2000, toMs: startMs + 4000 })).toEqual([3, 4, 5])
    expect(ask({ toMs: startMs - 1 })).toEqual([])
    expect(ask({ after: 5, maxSeverity: 6 })).toEqual([6, 7])
  })

  it('is cut at Limit, at characters and at the bytes that an envelope may have, and says that there is more', () => {
    const ring = open(4 * 1024 * 1024)
    for (let n = 0; n < 1500; n += 1) ring.append(draft(`${n} ${'<&>ä'.repeat(60)}`))
    let after = 0
    const seen: number[] = []
    for (let more = true; more; ) {
      const answer = ring.read({ ...everything, after })
      expect(answer.text.length).toBeLessThanOrEqual(LOG_LIMITS.answerMaxChars)
      expect(JSON.parse(answer.text)).toEqual(answer.records)
      const onWire = answer.text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
      expect(Buffer.byteLength(onWire)).toBeLessThan(256 * 1024 - 4096)
      seen.push(...sequences(answer.records))
      after = seen.at(-1) ?? 0
      more = answer.more
    }
    expect(seen).toEqual([...Array(1500).keys()].map((n) => n + 1))
    expect(ring.read({ ...everything, after: 1499, limit: 1 })).toMatchObject({ more: false })
    expect(ring.read({ ...everything, after: 1498, limit: 1 })).toMatchObject({ more: true })
  })

  it('refuses a number that this log has not given yet', () => {
    const ring = open()
    expect(ring.read({ ...everything, after: 0 })).toMatchObject({ oldest: 0, newest: 0, records: [] })
    expect(codeOf(() => ring.read({ ...everything, after: 1 }))).toBe('LOG_RANGE_GONE')
    ring.append(draft())
    expect(ring.read({ ...everything, after: 1 })).toMatchObject({
      oldest: 1,
      newest: 1,
      records: [],
      more: false,
    })
    expect(codeOf(() => ring.read({ ...everything, after: 2 }))).toBe('LOG_RANGE_GONE')
  })
})

describe('clearing', () => {
  const filled = (): LogRing => {
    const ring = open()
    for (let n = 0; n < 10; n += 1) ring.append(draft(`secret of ${n}`, n % 8))
    return ring
  }

  it('goes no further than what was read whole', () => {
    const ring = filled()
    const { logId } = ring
    const refused = () => expect(codeOf(() => ring.clear(logId, 4))).toBe('NOT_RETRIEVED')
    refused()
    // With a filter, from the middle, or with an open question of time: that is not a whole reading.
    ring.read({ maxSeverity: 6, after: 0, limit: 1000 })
    ring.read({ ...everything, after: 3 })
    ring.read({ ...everything, after: 0, fromMs: 0 })
    refused()
    ring.read({ ...everything, after: 0, limit: 4 })
    expect(codeOf(() => ring.clear(logId, 5))).toBe('NOT_RETRIEVED')
    expect(ring.clear(logId, 4)).toBe(4)
    expect([ring.oldest, ring.newest, ring.dropped]).toEqual([5, 10, 0])
    expect(ring.clear(logId, 4)).toBe(0)
    expect(ring.clear(logId, 0)).toBe(0)
    expect(codeOf(() => ring.clear(logId, 11))).toBe('LOG_RANGE_GONE')
    expect(codeOf(() => ring.clear('0123456789abcdef', 4))).toBe('LOG_RANGE_GONE')
  })

  it('takes the bytes out of the file, and empty the log goes on with the next number', () => {
    const ring = filled()
    ring.read({ ...everything, after: 0 })
    expect(ring.clear(ring.logId, 10)).toBe(10)
    expect([ring.oldest, ring.newest]).toEqual([11, 10])
    expect(readFileSync(path(), 'utf8')).not.toContain('secret of')
    const again = open()
    expect([again.oldest, again.newest, again.count]).toEqual([11, 10, 0])
    expect(again.append(draft())?.sequence).toBe(11)
  })

  it('counts what was dropped before it could be read as read', () => {
    const ring = open(2000)
    for (let n = 0; n < 100; n += 1) ring.append(draft('m'.repeat(100)))
    expect(ring.oldest).toBeGreaterThan(50)
    ring.read({ ...everything, after: 0 })
    expect(codeOf(() => ring.clear(ring.logId, 100))).toBe('done')
  })
})

describe('the file', () => {
  it('survives a cut at every byte of its tail: what was whole is there, nothing is twice', () => {
    const ring = open()
    for (let n = 0; n < 4; n += 1) ring.append(draft(`record ${n}`))
    const before = statSync(path()).size
    ring.append(draft('the last one'))
    ring.close()
    const whole = readFileSync(path())
    for (let cut = before; cut < whole.length; cut += 1) {
      writeFileSync(path(), whole)
      truncateSync(path(), cut)
      const again = open()
      expect(sequences(again.records())).toEqual([1, 2, 3, 4])
      expect(again.append(draft('another'))?.sequence).toBe(5)
      again.close()
      const third = open()
      expect(third.records().map(({ message }) => message)).toEqual([
        ...[0, 1, 2, 3].map((n) => `record ${n}`),
        'another',
      ])
      third.close()
    }
  })

  it('never gives a number again that somebody has read, even when its record is lost', () => {
    const ring = open()
    for (let n = 0; n < 5; n += 1) ring.append(draft(`record ${n}`))
    ring.read({ ...everything, after: 0 })
    ring.close()
    const lines = readFileSync(path(), 'utf8').split('\n')
    const damaged = lines.map((line) => (line.includes('record 4') ? line.replace('{', '#') : line))
    writeFileSync(path(), damaged.join('\n'))
    const again = open()
    expect(sequences(again.records())).toEqual([1, 2, 3, 4])
    expect(again.append(draft())?.sequence).toBe(6)
    expect(again.dropped).toBe(1)
  })

  it('counts a record in the middle that cannot be read any more', () => {
    const ring = open()
    for (let n = 0; n < 5; n += 1) ring.append(draft(`record ${n}`))
    ring.close()
    writeFileSync(path(), readFileSync(path(), 'utf8').replace('"record 2"', '"record 2'))
    const again = open()
    expect(sequences(again.records())).toEqual([1, 2, 4, 5])
    expect(again.dropped).toBe(1)
    again.close()
    expect(sequences(open().records())).toEqual([1, 2, 4, 5])
  })

  it('that is no log makes a new one and says so', () => {
    for (const text of ['', 'not a log\n', '{"format":9}\n', '\0'.repeat(500)]) {
      writeFileSync(path(), text)
      const ring = open()
      expect([ring.damaged, ring.newest, ring.count]).toEqual([true, 0, 0])
      ring.close()
      expect(open().damaged).toBe(false)
    }
  })

  it('takes no record that the disk does not take, and goes on with the same number when it does', () => {
    const ring = open()
    const told: number[] = []
    ring.onAppend(({ sequence }) => told.push(sequence))
    ring.append(draft('one'))
    ring.close()
    const aside = readFileSync(path())
    rmSync(path())
    mkdirSync(path())
    expect(ring.append(draft('nowhere'))).toBeUndefined()
    expect([ring.newest, ring.count]).toEqual([1, 1])
    rmdirSync(path())
    writeFileSync(path(), aside)
    expect(ring.append(draft('two'))?.sequence).toBe(2)
    expect(told).toEqual([1, 2])
    expect(
      open()
        .records()
        .map(({ message }) => message),
    ).toEqual(['one', 'two'])
  })

  it('holds nothing of the old log after a wipe, and nothing lies beside it', () => {
    const ring = open()
    for (let n = 0; n < 20; n += 1) ring.append(draft(`planted ${n}`))
    ring.read({ ...everything, after: 0 })
    const { logId, boot } = ring
    ring.beginAnew(1)
    expect(readFileSync(path(), 'utf8')).not.toContain('planted')
    expect(readdirSync(dir.path)).toEqual([LOG_FILE])
    expect(ring.logId).not.toBe(logId)
    expect([ring.oldest, ring.newest, ring.dropped, ring.retrieved, ring.boot]).toEqual([0, 0, 0, 0, boot])
    expect(codeOf(() => ring.clear(logId, 1))).toBe('LOG_RANGE_GONE')
    expect(ring.append(draft())?.sequence).toBe(1)
    ring.close()
    const again = open()
    expect([again.wipes, again.newest, again.boot]).toEqual([1, 1, boot + 1])
    expect(existsSync(path())).toBe(true)
  })
})
