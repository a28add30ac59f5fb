/** A real device process tests itself and its network, ordered by a controller over mutual TLS. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isEnded } from '../../electron/contract/job'
import { type CheckOptions, DEFAULT_CHECK, testResultSchema } from '../../electron/contract/self-test'
import type { FaultName } from '../../electron/device/faults'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { TrustStore } from '../../electron/identity/trust'
import { DeviceLink } from '../../electron/jobs/device-link'
import { JobRunner } from '../../electron/jobs/runner'
import { systemClock } from '../../electron/net/clock'
import { CheckDesk } from '../../electron/operation/check-desk'
import { readBankStatus } from '../../electron/site/firmware-watch'
import { Records } from '../../electron/store/records'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { type NameServer, startNameServer } from '../helpers/name-server'
import { requirePrivateNetwork } from '../helpers/private-network'
import { keepingLog } from '../helpers/quiet-log'

let site: Authority
let admin: SiteClient
let factory = ''
let anchor = ''
let names: NameServer
let controller: ControllerDouble
/** The device of all tests that need no fault. */
let healthy: Bench
const links: DeviceLink[] = []

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
  names = await startNameServer({ 'gateway.example': '192.0.2.7' })
  controller = new ControllerDouble({ site, identity: admin, factoryRoot: rootPem })
  await controller.start()
  healthy = await makeBench()
})
afterAll(async () => {
  for (const link of links.splice(0)) link.close()
  await killDevices()
  await controller.stop()
  await names.stop()
})

const rootPem = (): string => readFileSync(join(factory, 'root.pem'), 'utf8')

interface Bench {
  readonly state: string
  readonly device: DeviceProcess
  readonly udn: string
  readonly link: DeviceLink
}

/** An enrolled device, and a proven way to it. */
const makeBench = async (...faults: FaultName[]): Promise<Bench> => {
  const state = makeFolder('device')
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...faults.flatMap((name) => ['--fault', name]),
  ])
  const { udn } = await device.ready
  await device.log((line) => line.event === 'phase' && line.phase === 'operation')
  const link = linkTo(device, await device.ready.then(({ secureLocation }) => secureLocation))
  links.push(link)
  return { device, udn, link, state }
}

const linkTo = (device: DeviceProcess, first: string): DeviceLink => {
  const trust = new TrustStore({
    roots: () => [rootPem()],
    siteCa: () => site.certificatePem,
    crls: () => [],
    now: () => Date.now(),
  })
  const sighting = () => {
    const up = device.logs.findLast((line) => line.event === 'up')
    const secureLocation = typeof up?.secureLocation === 'string' ? up.secureLocation : first
    const place = { address: '127.0.0.1', interfaceName: 'lo', location: '', lastSeenMs: 0 }
    return { online: device.child.exitCode === null, addresses: [{ ...place, secureLocation }] }
  }
  const cas = () => [rootPem(), site.certificatePem]
  return new DeviceLink({ clock: systemClock, trust, identity: () => admin, cas, sighting })
}

const call = ({ link, udn }: Bench, action: string, args: Record<string, string> = {}) =>
  link.call(udn, 'Diagnostics', action, args, new AbortController().signal)

const order = async (bench: Bench, action: string, args: Record<string, string>): Promise<string> =>
  (await call(bench, action, args)).TestID ?? ''

/** The result of a test, once it is there. */
const resultOf = async (bench: Bench, TestID: string) => {
  const answers: Record<string, string>[] = []
  await expect
    .poll(
      async () => {
        answers.push(await call(bench, 'GetTestResult', { TestID }))
        return answers.at(-1)?.State
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBe('Completed')
  return testResultSchema.parse(JSON.parse(answers.at(-1)?.Result ?? ''))
}
const run = async (bench: Bench, action: string, args: Record<string, string>) =>
  resultOf(bench, await order(bench, action, args))

const PING = { Host: '127.0.0.1', NumberOfRepetitions: '3', Timeout: '1000' }

describe('each test of a real device', () => {
  it('measures memory, flash and sensors, and leaves no file behind', async () => {
    const bench = healthy
    const { state } = bench
    const before = readdirSync(state).sort()
    const all = await run(bench, 'SelfTest', { Component: 'All' })
    expect(all.status).toBe('ok')
    const value = (name: string) => all.measures.find((entry) => entry.name === name)?.value
    expect(value('memory.wrongWords')).toBe(0)
    expect(value('flash.writeRate')).toBeGreaterThan(0.05)
    expect(value('sensor.temperature')).toBeGreaterThan(-40)
    expect(readdirSync(state).sort()).toEqual(before)
  })

  it('reaches a host by the system ping, and its controller where no host is named', async () => {
    const bench = healthy
    const near = await run(bench, 'Ping', PING)
    expect(near).toMatchObject({ status: 'ok', detail: '127.0.0.1, ICMP' })
    expect(near.measures.find(({ name }) => name === 'ping.received')?.value).toBe(3)
    const own = await run(bench, 'Ping', { ...PING, Host: '', NumberOfRepetitions: '1' })
    expect(own).toMatchObject({ status: 'ok' })
    const path = await run(bench, 'Traceroute', { Host: '127.0.0.1', Timeout: '1000', MaxHopCount: '5' })
    expect(path).toMatchObject({ status: 'ok', detail: '127.0.0.1' })
    expect(path.measures[0]).toMatchObject({ name: 'path.hops', value: 1 })
  })

  it('looks a name up at the server it is told', async () => {
    const bench = healthy
    const lookup = { DNSServer: names.place, NumberOfRepetitions: '2', Timeout: '1000' }
    const known = await run(bench, 'NSLookup', { HostName: 'gateway.example', ...lookup })
    expect(known).toMatchObject({ status: 'ok', detail: `192.0.2.7 by ${names.place}` })
    expect(names.asked()).toBeGreaterThanOrEqual(2)
    const unknown = await run(bench, 'NSLookup', { HostName: 'nobody.example', ...lookup })
    expect(unknown).toMatchObject({ status: 'error', reason: 'unknown-host' })
  })

  it('measures the throughput from its controller', async () => {
    const bench = healthy
    const result = await run(bench, 'BandwidthTest', { Bytes: '4194304' })
    expect(result.status).toBe('ok')
    const [rate, bytes] = result.measures
    expect(bytes).toMatchObject({ name: 'throughput.bytes', value: 4_194_304 })
    expect(rate?.value).toBeGreaterThan(10)
  })

  it('stops to fetch when it is called off, and bears its controller no grudge', async () => {
    const bench = healthy
    const TestID = await order(bench, 'BandwidthTest', { Bytes: '67108864' })
    await call(bench, 'CancelTest', { TestID })
    expect(await call(bench, 'GetTestResult', { TestID })).toEqual({ State: 'Canceled', Result: '' })
    expect(await run(bench, 'BandwidthTest', { Bytes: '65536' })).toMatchObject({ status: 'ok' })
  })

  it('is called off within a moment, with its program, and may be called off again', async () => {
    const bench = healthy
    const children = () =>
      readFileSync(`/proc/${bench.device.child.pid}/task/${bench.device.child.pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter((pid) => pid && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'ping')
    // Nobody is at this address, and the network drops what goes there.
    const TestID = await order(bench, 'Ping', {
      Host: '224.0.0.99',
      NumberOfRepetitions: '100',
      Timeout: '10000',
    })
    await expect.poll(children).toHaveLength(1)
    expect(JSON.parse((await call(bench, 'GetActiveTestIDs')).TestIDs ?? '')).toEqual([Number(TestID)])
    await call(bench, 'CancelTest', { TestID })
    await expect.poll(children).toEqual([])
    await call(bench, 'CancelTest', { TestID })
    expect(await call(bench, 'GetTestInfo', { TestID })).toEqual({ Type: 'Ping', State: 'Canceled' })
    expect(await call(bench, 'GetTestResult', { TestID })).toEqual({ State: 'Canceled', Result: '' })
    expect(JSON.parse((await call(bench, 'GetActiveTestIDs')).TestIDs ?? '')).toEqual([])
  })

  it('is refused as the fifth at once, and asked for by a number that was never given', async () => {
    const bench = healthy
    const long = { Host: '224.0.0.99', NumberOfRepetitions: '100', Timeout: '10000' }
    const running: string[] = []
    for (let i = 0; i < 4; i++) running.push(await order(bench, 'Ping', long))
    await expect(order(bench, 'Ping', long)).rejects.toMatchObject({ code: 'BUSY' })
    await expect(call(bench, 'GetTestResult', { TestID: '7' })).rejects.toMatchObject({
      code: 'TEST_UNKNOWN',
    })
    await expect(order(bench, 'Ping', { ...PING, Timeout: '99' })).rejects.toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
    })
    for (const TestID of running) await call(bench, 'CancelTest', { TestID })
    expect(await run(bench, 'Ping', { ...PING, NumberOfRepetitions: '1' })).toMatchObject({ status: 'ok' })
  })
})

describe('a guided check of a real device', () => {
  const check = async (bench: Bench, options: CheckOptions) => {
    const { link, udn } = bench
    const records = Records.open(':memory:')
    let desk: CheckDesk | undefined
    const runner = new JobRunner({
      clock: systemClock,
      journal: records.jobs,
      concurrency: 8,
      plan: (job) => desk?.plan(job) ?? [],
      log: keepingLog(),
    })
    desk = new CheckDesk({
      clock: systemClock,
      runner,
      table: records.checks,
      link,
      bankStatus: async (_, signal) => {
        const answer = await link.call(udn, 'Firmware', 'GetBankStatus', {}, signal)
        return readBankStatus(udn, answer).status
      },
      onWake: () => () => undefined,
      audit: () => undefined,
    })
    runner.start()
    const [id = ''] = desk.start([udn], options)
    await expect.poll(() => isEnded(runner.get(id)?.state ?? 'queued'), { timeout: 60_000 }).toBe(true)
    const [found] = desk.list({ udn, limit: 1 })
    await runner.stop()
    records.close()
    return { job: runner.get(id), found }
  }

  it('finds all well', async () => {
    const bench = healthy
    const options = { dnsName: 'gateway.example', dnsServer: names.place, bytes: 1_048_576 }
    const { job, found } = await check(bench, { tests: [...DEFAULT_CHECK], ...options })
    expect(job?.state).toBe('done')
    expect(found?.entries.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    expect(found).toMatchObject({ verdict: 'ok', findings: [{ finding: 'all-well' }] })
  }, 90_000)

  it.each([
    ['flash-worn', 'flash', 'flash-failing'],
    ['sensor-stuck', 'sensor', 'sensor-failing'],
    ['clock-behind', 'health', 'clock-wrong'],
  ] as const)('finds %s', async (fault, test, finding) => {
    const bench = await makeBench(fault)
    const { job, found } = await check(bench, { tests: ['reachable', test] })
    expect(job?.state).toBe('done')
    expect(found).toMatchObject({ findings: [{ finding, test }] })
  })
})
