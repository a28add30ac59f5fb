/** What a report says: nothing is left out, the counts add up, nothing is stated that nobody proved. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEVICE_STATES, type Device } from '../../electron/contract/device'
import { JOB_KINDS, JOB_STATES, type Job } from '../../electron/contract/job'
import { PHASES } from '../../electron/contract/phases'
import { reportContentSchema } from '../../electron/contract/report'
import { reportContent, standOf } from '../../electron/reports/content'
import { reportCsv } from '../../electron/reports/csv'
import { OPEN_KINDS } from '../../electron/reports/open-items'
import { NOW } from '../identity/make'
import { busySite, check, device, enrollment, facts, job, udnOf } from './make'

const openOf = (...args: Parameters<typeof facts>) => reportContent(facts(...args)).open

describe('every device appears', () => {
  const states = fc.record({
    state: fc.constantFrom(...DEVICE_STATES.filter((state) => state !== 'not-managed')),
    phase: fc.constantFrom(undefined, ...PHASES),
    online: fc.boolean(),
    proven: fc.boolean(),
    health: fc.constantFrom(undefined, 'ok', 'warn', 'bad'),
  })
  const jobs = fc.record({
    of: fc.nat(12),
    kind: fc.constantFrom(...JOB_KINDS),
    state: fc.constantFrom(...JOB_STATES),
  })

  it('with every job and every expected device that is missing, and the counts add up', () => {
    fc.assert(
      fc.property(fc.array(states, { maxLength: 10 }), fc.array(jobs, { maxLength: 30 }), (some, work) => {
        const devices = some.map(({ state, phase, online, proven, health }, i): Device => {
          const { proven: identity, phase: _, health: __, ...base } = device(i)
          return {
            ...base,
            state,
            online,
            ...(phase ? { phase } : {}),
            ...(proven && identity ? { proven: identity } : {}),
            ...(health ? { health: { level: health as 'ok', feed: 'events', alarms: ['temperature'] } } : {}),
          }
        })
        const content = reportContent(
          facts({
            devices,
            expected: Array.from({ length: 12 }, (_, i) => ({ udn: udnOf(i) })),
            jobs: work.map(({ of, kind, state }, i) =>
              job(udnOf(of), {
                kind,
                state,
                updatedAtMs: NOW - 100_000 + i,
                ...(state === 'failed' ? { error: { code: 'TIMED_OUT' } } : {}),
              }),
            ),
          }),
        )
        expect(reportContentSchema.parse(content)).toEqual(content)
        const listed = content.devices.map(({ udn }) => udn)
        expect(listed.toSorted()).toEqual(devices.map(({ udn }) => udn).toSorted())
        expect(content.jobs).toHaveLength(work.length)
        const missing = content.open.filter(({ what }) => what === 'missing').map(({ udn }) => udn)
        expect(missing).toHaveLength(12 - devices.length)
        for (const udn of missing) expect(listed).not.toContain(udn)
        const stands = content.devices.map(standOf)
        const { counts } = content
        const other = stands.filter((one) => one === 'other').length
        expect(counts.inOperation + counts.failed + counts.offline + other).toBe(counts.devices)
        expect(counts.devices).toBe(devices.length)
        expect(counts.alarms).toBe(content.open.filter(({ what }) => what === 'alarm').length)
        // Whoever is not simply in operation has a line among what is open.
        for (const row of content.devices) {
          const well = standOf(row) === 'inOperation' && ['healthy', 'working'].includes(row.state)
          if (!well)
            expect(
              content.open.map(({ udn }) => udn),
              row.state,
            ).toContain(row.udn)
        }
        for (const { subject, state, kind } of content.jobs) {
          const later = content.jobs.filter((one) => one.subject === subject && one.kind === kind)
          if (state !== 'done' && later.every((one) => one.state !== 'done'))
            expect(content.open.some(({ udn, name }) => udn === subject || name === subject)).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('in report.csv too, whatever they are called, and no cell is a formula', () => {
    const name = '=HYPERLINK("http://example.org","x")'
    const content = reportContent(
      busySite(40, {
        devices: [device(1, { name }), device(2, { name: '+1' }), device(3, { name: '@a\n"b";c,d' })],
        request: { customer: '-2+3', place: '\tx', notes: '=1\n=2', language: 'de' },
      }),
    )
    const rows = parse(reportCsv(content), { bom: true, columns: true }) as Record<string, string>[]
    const of = (record: string) => rows.filter((row) => row.record === record)
    expect(of('device')).toHaveLength(content.devices.length)
    expect(of('open')).toHaveLength(content.open.length)
    expect(of('job')).toHaveLength(content.jobs.length)
    expect(of('fact').find((row) => row.name === 'customer')?.value).toBe("'-2+3")
    expect(of('device').map((row) => row.name)).toEqual(
      expect.arrayContaining([`'${name}`, "'+1", '\'@a\n"b";c,d']),
    )
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
  })
})

describe('what is open', () => {
  it('is nothing where all is well', () => {
    expect(openOf({ devices: [device(1), device(2)], check: () => check(1) })).toEqual([])
  })

  it.each<[string, Partial<Device>, object]>([
    ['offline', { online: false, state: 'offline' }, { what: 'offline' }],
    ['not trusted', { state: 'not-trusted' }, { what: 'not-trusted' }],
    [
      'unhealthy',
      { state: 'unhealthy', health: { level: 'bad', feed: 'events', alarms: [] } },
      { what: 'unhealthy' },
    ],
    [
      'with an alarm',
      { health: { level: 'warn', feed: 'events', alarms: ['supply'] } },
      { what: 'alarm', code: 'supply' },
    ],
    ['in maintenance', { phase: 'maintenance' }, { what: 'maintenance' }],
    ['new', { phase: 'commissioning', state: 'new' }, { what: 'not-commissioned', code: 'commissioning' }],
    [
      'that waits',
      { phase: 'commissioning', state: 'waiting-approval' },
      { what: 'waiting', code: 'waiting-approval' },
    ],
    ['quiet', { state: 'quiet' }, { what: 'quiet' }],
  ])('is a device %s', (_, change, item) => {
    expect(openOf({ devices: [device(1, change)] })).toEqual([
      expect.objectContaining({ udn: udnOf(1), serialNumber: 'SN-1001', name: 'Sensor 1', ...item }),
    ])
  })

  it('is a failure whose job was cleared from the list, until a later try of that kind is under way or done', () => {
    const failure = { kind: 'update', subject: udnOf(1), code: 'TIMED_OUT', atMs: NOW - 1 } as const
    const failed = { what: 'job-failed', code: 'update: TIMED_OUT', udn: udnOf(1) }
    const of = (jobs: readonly Job[]) => openOf({ devices: [device(1)], failures: [failure], jobs })
    expect(of([])).toEqual([expect.objectContaining(failed)])
    expect(of([job(udnOf(1), { kind: 'configure', state: 'done' })])).toMatchObject([failed])
    expect(of([job(udnOf(1), { kind: 'update', state: 'running' })])).toMatchObject([
      { what: 'job-unfinished' },
    ])
    expect(openOf({ failures: [failure] })).toEqual([])
    const content = reportContent(facts({ devices: [device(1)], failures: [failure] }))
    expect(content.devices[0]?.failed).toMatchObject({ job: 'update', code: 'TIMED_OUT' })
    expect(content.counts.failed).toBe(1)
  })

  it('is a certificate that ends or has ended, and a bank that is invalid', () => {
    const proven = device(1).proven
    const until = (notAfterMs: number) =>
      openOf({
        devices: [
          device(1, proven ? { proven: { ...proven, notAfter: new Date(notAfterMs).toISOString() } } : {}),
        ],
      })
    expect(until(NOW + 31 * 86_400_000)).toEqual([])
    expect(until(NOW + 29 * 86_400_000)).toMatchObject([{ what: 'certificate-expiring' }])
    expect(until(NOW - 1)).toMatchObject([{ what: 'certificate-expired' }])
    const bank = { activeBank: 'A', updateState: 'idle' } as const
    const banks = [
      { slot: 'A', state: 'valid', bootAttempts: 0 },
      { slot: 'B', state: 'invalid', bootAttempts: 0 },
    ] as const
    expect(openOf({ devices: [device(1, { firmware: { ...bank, banks: [...banks] } })] })).toMatchObject([
      { what: 'bank-invalid', code: 'B' },
    ])
  })

  it('is a check with a finding, by its worst', () => {
    const found = check(1, {
      verdict: 'bad',
      findings: [{ finding: 'flash-failing' }, { finding: 'clock-wrong' }],
    })
    expect(openOf({ devices: [device(1)], check: () => found })).toMatchObject([
      { what: 'check', code: 'flash-failing' },
    ])
  })

  it('is a failed job until one of its kind on the same device succeeds', () => {
    const failed = job(udnOf(1), { state: 'failed', error: { code: 'TIMED_OUT' }, updatedAtMs: NOW - 50 })
    const of = (...jobs: ReturnType<typeof job>[]) => openOf({ devices: [device(1)], jobs })
    expect(of(failed)).toMatchObject([{ what: 'job-failed', code: 'commission: TIMED_OUT' }])
    expect(of(failed, job(udnOf(1), { updatedAtMs: NOW - 40 }))).toEqual([])
    expect(of(failed, job(udnOf(1), { kind: 'update', updatedAtMs: NOW - 40 }))).toHaveLength(1)
    expect(of(failed, job(udnOf(2), { updatedAtMs: NOW - 40 }))).toHaveLength(1)
    expect(of(failed, job(udnOf(1), { state: 'cancelled', updatedAtMs: NOW - 40 }))).toMatchObject([
      { what: 'job-failed' },
    ])
    expect(of(job(udnOf(1), { updatedAtMs: NOW - 60 }), failed)).toHaveLength(1)
    expect(of(job(udnOf(1), { state: 'waiting' }))).toMatchObject([{ what: 'job-unfinished' }])
    expect(of(job(udnOf(1), { state: 'cancelled' }))).toMatchObject([{ what: 'job-cancelled' }])
  })

  it('is work on what is no device of the list: a port, a serial number', () => {
    const port = job('/dev/ttyUSB0', {
      kind: 'update-serial',
      state: 'failed',
      error: { code: 'SERIAL_SILENT' },
    })
    expect(openOf({ jobs: [port] })).toEqual([
      { name: '/dev/ttyUSB0', what: 'job-failed', code: 'update-serial: SERIAL_SILENT' },
    ])
  })

  it('stands worst first', () => {
    const kinds = reportContent(busySite(60)).open.map(({ what }) => OPEN_KINDS.indexOf(what as 'missing'))
    expect(kinds).toEqual(kinds.toSorted((a, b) => a - b))
    expect(kinds[0]).toBe(0)
  })
})

describe('what is stated', () => {
  it('is what was proven: a claim in a packet is not', () => {
    const { proven: _, ...claims } = device(1)
    const [row] = reportContent(facts({ devices: [{ ...claims, serialNumber: 'SN-CLAIMED' }] })).devices
    expect(row).not.toHaveProperty('phase')
    expect(row).not.toHaveProperty('certificate')
    expect(row).not.toHaveProperty('serialNumber')
    expect(row).not.toHaveProperty('firmwareVersion')
    expect(openOf({ devices: [claims] })).toMatchObject([{ what: 'not-commissioned', code: 'unknown' }])
  })

  it('does not take a claimed serial number for an expected device that is there', () => {
    const { proven: _, ...claims } = device(1)
    const missing = openOf({
      devices: [{ ...claims, serialNumber: 'SN-7' }],
      expected: [{ serialNumber: 'SN-7', name: 'Gateway' }, { serialNumber: 'SN-1002' }],
    }).filter(({ what }) => what === 'missing')
    expect(missing.map(({ name }) => name).toSorted()).toEqual(['Gateway', 'SN-1002'])
  })

  it('has an enrolled device that is in no list any more, and no neighbour', () => {
    const neighbour = device(5, { managed: false, state: 'not-managed' })
    const content = reportContent(facts({ devices: [neighbour], enrollments: [enrollment(3)] }))
    expect(content.devices).toMatchObject([{ udn: udnOf(3), serialNumber: 'SN-1003', online: false }])
    expect(content.open).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'offline' })]))
  })

  it('is about the chosen devices only, where some were chosen', () => {
    const content = reportContent({ ...busySite(20), chosen: [udnOf(2), udnOf(4)] })
    expect(content.devices.map(({ udn }) => udn)).toEqual([udnOf(2), udnOf(4)])
    expect(content.jobs.every(({ subject }) => [udnOf(2), udnOf(4)].includes(subject))).toBe(true)
    expect(content.counts.expectedMissing).toBe(0)
  })
})
