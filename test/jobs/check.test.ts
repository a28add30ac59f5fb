import { beforeEach, describe, expect, it } from 'vitest'
import { JOB_STEPS, type Job } from '../../electron/contract/job'
import {
  CHECK_TESTS,
  type CheckOptions,
  DEFAULT_CHECK,
  type HealthCheck,
  healthCheckSchema,
} from '../../electron/contract/self-test'
import { TEST_LIMITS } from '../../electron/contract/timings'
import { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal } from './bench'
import { CheckedDevice, openDesk, runToEnd, UDN } from './check-world'

let clock: VirtualClock
let device: CheckedDevice
let world: ReturnType<typeof openDesk>
const ALL: CheckOptions = { tests: [...DEFAULT_CHECK], dnsName: 'example.org' }

beforeEach(() => {
  clock = new VirtualClock()
  device = new CheckedDevice(clock)
  world = openDesk(clock, device)
})

const begin = (options: CheckOptions = ALL): string => {
  const [id] = world.desk.start([UDN], options)
  if (!id) throw new Error('no job')
  return id
}
const checkOf = (id: string): HealthCheck => {
  const found = world.desk.list({ limit: 100 }).find((check) => check.id === id)
  if (!found) throw new Error('no check')
  return healthCheckSchema.parse(found)
}
const run = async (options: CheckOptions = ALL): Promise<{ job: Job; check: HealthCheck }> => {
  const id = begin(options)
  const job = await runToEnd(clock, world.runner, id)
  return { job, check: checkOf(id) }
}
const entryOf = (check: HealthCheck, test: (typeof CHECK_TESTS)[number]) =>
  check.entries.find((entry) => entry.test === test)
const found = (check: HealthCheck): string[] => check.findings.map(({ finding }) => finding)
const verdicts = (check: HealthCheck): string[] => check.entries.map(({ verdict = '' }) => verdict)
/** Lets everything go on that can without time passing. */
const settle = async (ms = 0): Promise<void> => {
  for (let leftMs = ms; leftMs >= 0; leftMs -= 500) {
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve))
    clock.advance(Math.min(500, Math.max(0, leftMs)))
  }
}

describe('a check of a device that is well', () => {
  it('runs every test in order and says so', async () => {
    const { job, check } = await run()
    expect(job.state).toBe('done')
    expect(job.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(
      JOB_STEPS.check.map((name) => `${name} done`),
    )
    expect(verdicts(check)).toEqual(CHECK_TESTS.map(() => 'ok'))
    expect(check).toMatchObject({ udn: UDN, verdict: 'ok', findings: [{ finding: 'all-well' }] })
    expect(check.endedAtMs).toBeGreaterThan(check.startedAtMs)
    expect(device.orders.map(({ action, Component }) => Component ?? action)).toEqual([
      ...['All', 'Memory', 'Flash', 'Sensor', 'Ping', 'NSLookup', 'Traceroute', 'BandwidthTest'],
    ])
  })

  it('is stored as it goes, told as it goes, and on the audit', async () => {
    const states: string[] = []
    world.desk.onChange(([check]) => {
      const running = check?.entries.find(({ state }) => state === 'running')
      if (running && states.at(-1) !== running.test) states.push(running.test)
    })
    const id = begin()
    expect(checkOf(id).entries.map(({ state }) => state)).toEqual(CHECK_TESTS.map(() => 'pending'))
    await runToEnd(clock, world.runner, id)
    expect(states).toEqual([...CHECK_TESTS])
    expect(world.audited).toEqual([`check.started ${UDN} ${CHECK_TESTS.join(' ')}`])
  })

  it('leaves out what was not chosen, and names without a name', async () => {
    const { job, check } = await run({ tests: ['reachable', 'ping', 'dns'], host: '10.0.0.1' })
    expect(device.orders).toEqual([
      { action: 'Ping', Host: '10.0.0.1', NumberOfRepetitions: '5', Timeout: '1000' },
    ])
    expect(entryOf(check, 'flash')).toMatchObject({ state: 'done', verdict: 'skipped', reason: 'not-chosen' })
    expect(entryOf(check, 'dns')).toMatchObject({ verdict: 'skipped', reason: 'no-name' })
    expect(job.steps.filter(({ state }) => state === 'done').map(({ name }) => name)).toEqual([
      ...['reachable', 'ping', 'finding'],
    ])
    expect(found(check)).toEqual(['all-well'])
  })

  it('of a device that has no Diagnostics:1 leaves out what needs it', async () => {
    device.lacks.add('Diagnostics')
    const { check } = await run()
    const skipped = check.entries.filter(({ reason }) => reason === 'not-supported').map(({ test }) => test)
    expect(skipped).toEqual(
      CHECK_TESTS.filter((test) => !['reachable', 'identity', 'firmware'].includes(test)),
    )
    expect(check).toMatchObject({ verdict: 'ok', findings: [{ finding: 'all-well' }] })
  })

  it('a second one at the same time is the first one', () => {
    expect(begin()).toBe(begin())
    expect(world.desk.list({ limit: 9 })).toHaveLength(1)
  })
})

describe('what is wrong', () => {
  it('with flash and network is found, the worst first, and the job is done all the same', async () => {
    const measure = (name: string, value: number) => ({ name, value, unit: '', high: 0, ok: false })
    device.results.Flash = {
      status: 'failed',
      reason: 'flash-differs',
      measures: [measure('flash.wrongBlocks', 3)],
      durationMs: 9,
    }
    device.results.Ping = { status: 'error', reason: 'no-answer', measures: [], durationMs: 9 }
    device.results.BandwidthTest = { status: 'error', reason: 'not-supported', measures: [], durationMs: 9 }
    const { job, check } = await run()
    expect(job.state).toBe('done')
    expect(check.verdict).toBe('bad')
    expect(check.findings).toEqual([
      { finding: 'flash-failing', test: 'flash' },
      { finding: 'network-poor', test: 'ping' },
    ])
    expect(entryOf(check, 'flash')).toMatchObject({ verdict: 'bad', durationMs: 9, measures: [{ value: 3 }] })
    expect(entryOf(check, 'throughput')).toMatchObject({ verdict: 'skipped', reason: 'not-supported' })
  })

  it.each([
    ['temperature', () => ({ temperatureC: 90 }), 'overheating', 'bad'],
    ['temperature in between', () => ({ temperatureC: 72 }), 'overheating', 'warn'],
    ['supply', () => ({ supplyV: 9.5 }), 'supply-low', 'bad'],
    ['free memory', () => ({ memoryFreeBytes: 10 }), 'values-out-of-range', 'warn'],
    ['signal', () => ({ link: { name: 'w', up: true, signalDbm: -80 } }), 'network-poor', 'warn'],
    ['an unsynchronised clock', () => ({ clockSynchronised: false }), 'clock-wrong', 'warn'],
  ] as const)('with the health: %s', async (_, health, finding, verdict) => {
    device.health = health()
    const { check } = await run({ tests: ['health'] })
    expect(found(check)).toEqual([finding])
    expect(entryOf(check, 'health')?.verdict).toBe(verdict)
  })

  it('with the clock is measured against this laptop', async () => {
    device.aheadMs = -600_000
    const { check } = await run({ tests: ['health'] })
    expect(entryOf(check, 'health')?.measures).toContainEqual(
      expect.objectContaining({ name: 'clockSkew', value: 600, high: 30, ok: false }),
    )
    expect(check).toMatchObject({ verdict: 'bad', findings: [{ finding: 'clock-wrong' }] })
  })

  it.each([
    [[3, 3, 4, 6], 'all-well', 'ok'],
    [Array.from({ length: 11 }, () => 3), 'many-errors', 'warn'],
    [[2, 6], 'many-errors', 'bad'],
    [Array.from({ length: 2_500 }, () => 3), 'many-errors', 'warn'],
  ])('with the log: %#', async (severities, finding, verdict) => {
    device.severities = severities
    const { check } = await run({ tests: ['log'] })
    expect(found(check)).toEqual([finding])
    expect(entryOf(check, 'log')?.verdict).toBe(verdict)
    const errors = entryOf(check, 'log')?.measures.find(({ name }) => name === 'log.errors')
    expect(errors?.value).toBe(severities.filter((severity) => severity === 3).length)
  })

  it('with a certificate that ends soon', async () => {
    device.notAfterMs = clock.now() + 10.5 * 86_400_000
    const { check } = await run({ tests: ['identity'] })
    expect(found(check)).toEqual(['certificate-ending'])
    expect(entryOf(check, 'identity')?.measures[0]).toMatchObject({ value: 10, low: 30, unit: 'd' })
  })

  it('with firmware on trial or a bank that is not valid', async () => {
    const update = {
      updateId: 'u',
      version: '2.0.0',
      activation: 'hold',
      receivedBytes: 1,
      totalBytes: 1,
    } as const
    device.banks = { update: { ...update, state: 'probation' } }
    expect(found((await run({ tests: ['firmware'] })).check)).toEqual(['firmware-on-trial'])
    device.banks = {
      banks: [
        { slot: 'A', state: 'valid', version: '1.4.0', bootAttempts: 0 },
        { slot: 'B', state: 'invalid', bootAttempts: 0 },
      ],
    }
    expect(found((await run({ tests: ['firmware'] })).check)).toEqual(['values-out-of-range'])
  })

  it('with an answer that is none is told as incomplete', async () => {
    device.health = { uptimeS: -1 }
    const { check } = await run({ tests: ['health', 'log'] })
    expect(entryOf(check, 'health')).toMatchObject({ verdict: 'unknown', reason: 'bad-answer' })
    expect(check).toMatchObject({ verdict: 'warn', findings: [{ finding: 'incomplete', test: 'health' }] })
    expect(entryOf(check, 'log')?.verdict).toBe('ok')
  })
})

describe('a device that can not be asked', () => {
  it('because it is off is waited for, and then is the finding within half a minute', async () => {
    device.setOnline(false)
    const id = begin()
    await settle(5_000)
    expect(world.runner.get(id)?.state).toBe('waiting')
    const job = await runToEnd(clock, world.runner, id, 40_000)
    expect(job.state).toBe('done')
    const check = checkOf(id)
    expect(check.findings).toEqual([{ finding: 'unreachable', test: 'reachable' }])
    expect(check.verdict).toBe('bad')
    expect((check.endedAtMs ?? 0) - check.startedAtMs).toBeLessThanOrEqual(35_000)
    expect(entryOf(check, 'flash')).toMatchObject({ verdict: 'skipped', reason: 'unreachable' })
  })

  it('and comes back in time is checked as if nothing had been', async () => {
    device.setOnline(false)
    const id = begin()
    await settle(10_000)
    device.setOnline(true)
    const job = await runToEnd(clock, world.runner, id)
    expect(job.state).toBe('done')
    expect(found(checkOf(id))).toEqual(['all-well'])
  })

  it('is unreachable also when nobody chose that test', async () => {
    device.setOnline(false)
    const { check } = await run({ tests: ['health', 'ping'] })
    expect(check.findings).toEqual([{ finding: 'unreachable', test: 'health' }])
    expect(entryOf(check, 'ping')).toMatchObject({ verdict: 'skipped', reason: 'unreachable' })
  })

  it('because it is not trusted is not asked for more than who it is', async () => {
    device.distrust = 'IDENTITY_REVOKED'
    const { check } = await run()
    expect(check).toMatchObject({ verdict: 'bad' })
    expect(found(check)).toEqual(['not-trusted'])
    expect(entryOf(check, 'identity')).toMatchObject({ verdict: 'bad', detail: 'IDENTITY_REVOKED' })
    expect(device.orders).toEqual([])
  })

  it('because it is gone in the middle leaves what was measured', async () => {
    const id = begin()
    await settle(500)
    device.setOnline(false)
    await runToEnd(clock, world.runner, id)
    const check = checkOf(id)
    expect(check.findings).toEqual([{ finding: 'unreachable', test: 'self-test' }])
    expect(entryOf(check, 'health')?.verdict).toBe('ok')
    expect(entryOf(check, 'throughput')).toMatchObject({ verdict: 'skipped', reason: 'unreachable' })
  })

  it('in a phase without tests says so', async () => {
    device.lacks.add('nothing')
    device.refuses = 'WRONG_PHASE'
    const { check } = await run({ tests: ['memory'] })
    expect(entryOf(check, 'memory')).toMatchObject({ verdict: 'unknown', reason: 'wrong-phase' })
    expect(found(check)).toEqual(['incomplete'])
  })
})

describe('a test on the device', () => {
  it('is ordered again while the device has too many', async () => {
    device.busy = 3
    const { check } = await run({ tests: ['memory'] })
    expect(entryOf(check, 'memory')?.verdict).toBe('ok')
    expect(device.orders).toHaveLength(1)
  })

  it('that the device forgot is ordered once more, and no oftener', async () => {
    const id = begin({ tests: ['memory'] })
    await settle(500)
    device.restart()
    await settle(500)
    expect(device.orders).toHaveLength(2)
    device.restart()
    await runToEnd(clock, world.runner, id)
    expect(device.orders).toHaveLength(2)
    expect(entryOf(checkOf(id), 'memory')).toMatchObject({ verdict: 'unknown', reason: 'lost' })
  })

  it('that does not end is given up and called off', async () => {
    device.testMs = Number.POSITIVE_INFINITY
    const { check } = await run({ tests: ['memory'] })
    expect(entryOf(check, 'memory')).toMatchObject({ verdict: 'unknown', reason: 'no-end' })
    expect((check.endedAtMs ?? 0) - check.startedAtMs).toBeLessThan(TEST_LIMITS.giveUpMs + 5_000)
    expect(device.running).toBe(0)
  })
})

describe('a cancel', () => {
  it('calls the test off on the device, and the check ends with what it has', async () => {
    device.testMs = 60_000
    const id = begin({ tests: ['reachable', 'flash', 'ping'] })
    await settle(2_000)
    expect(device.running).toBe(1)
    world.runner.cancel([id])
    const job = await runToEnd(clock, world.runner, id)
    await settle(500)
    expect(job.state).toBe('cancelled')
    expect(device.calls).toContain('CancelTest')
    expect(device.running).toBe(0)
    const check = checkOf(id)
    expect(check.entries.filter(({ state }) => state === 'cancelled').map(({ test }) => test)).toEqual([
      ...['flash', 'ping'],
    ])
    expect(check).toMatchObject({ verdict: 'warn', findings: [{ finding: 'incomplete', test: 'flash' }] })
    expect(check.endedAtMs).toBeDefined()
  })

  it('of a check that waits for its device ends it at once', async () => {
    device.setOnline(false)
    const id = begin()
    await settle(2_000)
    world.runner.cancel([id])
    await settle(500)
    expect(world.runner.get(id)?.state).toBe('cancelled')
    expect(checkOf(id).endedAtMs).toBeDefined()
  })

  it('may be taken back: the check goes on where it stood', async () => {
    device.testMs = 60_000
    const id = begin({ tests: ['reachable', 'flash'] })
    await settle(2_000)
    world.runner.cancel([id])
    await settle(1_000)
    device.testMs = 1_000
    world.runner.retry([id])
    const job = await runToEnd(clock, world.runner, id)
    expect(job.state).toBe('done')
    expect(checkOf(id)).toMatchObject({ verdict: 'ok', findings: [{ finding: 'all-well' }] })
    expect(device.calls.filter((call) => call === 'GetLifecycleState')).toHaveLength(2)
  })
})

describe('a program that ends in the middle of a check', () => {
  it('asks for the running test when it is back, and begins none anew', async () => {
    device.testMs = 20_000
    const id = begin({ tests: ['reachable', 'flash', 'ping'] })
    await settle(2_000)
    const { journal, records } = world
    await world.runner.stop()
    world.desk.close()
    expect(device.calls).not.toContain('CancelTest')
    world = openDesk(clock, device, { journal, records })
    expect(checkOf(id).endedAtMs).toBeUndefined()
    const job = await runToEnd(clock, world.runner, id)
    expect(job.state).toBe('done')
    expect(device.orders.map(({ action }) => action)).toEqual(['SelfTest', 'Ping'])
    expect(found(checkOf(id))).toEqual(['all-well'])
  })

  it('orders a test anew that the device has forgotten meanwhile', async () => {
    device.testMs = 20_000
    const id = begin({ tests: ['flash'] })
    await settle(2_000)
    const { journal, records } = world
    await world.runner.stop()
    device.restart()
    world = openDesk(clock, device, { journal, records })
    await runToEnd(clock, world.runner, id)
    expect(device.orders).toHaveLength(2)
    expect(found(checkOf(id))).toEqual(['all-well'])
  })

  it('closes a check whose job is not known any more', async () => {
    const id = begin({ tests: ['flash'] })
    await settle(500)
    await world.runner.stop()
    world = openDesk(clock, device, { journal: new MemoryJournal(), records: world.records })
    expect(checkOf(id)).toMatchObject({ verdict: 'warn', findings: [{ finding: 'incomplete' }] })
  })
})
