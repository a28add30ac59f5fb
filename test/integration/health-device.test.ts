/** Health of real device processes as the controller hears it: by event, by asking, and not at all. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { DEFAULT_THRESHOLDS, type DeviceHealth } from '../../electron/contract/health'
import { HEALTH_TIMINGS } from '../../electron/contract/timings'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { HealthDesk } from '../../electron/operation/health-desk'
import { DeviceWatch } from '../../electron/site/device-watch'
import { parseDescription } from '../../electron/upnp/description'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, type Ready, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { keepingLog } from '../helpers/quiet-log'

let site: Authority
let admin: SiteClient
let factory = ''
let anchor = ''
let controller: ControllerDouble
let state = ''
let desk: HealthDesk
let watch: DeviceWatch
/** What discovery would have heard. */
let heard: Ready | undefined
let gaps: string[]
const listeners = new Set<() => void>()

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
})

beforeEach(async () => {
  state = makeFolder('device')
  heard = undefined
  gaps = []
  controller = new ControllerDouble({
    site,
    identity: admin,
    factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
  })
  await controller.start()
  desk = new HealthDesk({
    clock: systemClock,
    store: {
      record: () => undefined,
      gap: (_udn, _fromMs, _toMs, reason) => void gaps.push(reason),
      series: async () => ({ from: 'samples', series: [], gaps: [] }),
    },
    thresholds: DEFAULT_THRESHOLDS,
    udns: () => (heard ? [heard.udn] : []),
    isOurs: () => true,
    certificateEnd: () => undefined,
  })
  desk.onChange(() => {
    for (const look of [...listeners]) look()
  })
  watch = new DeviceWatch({
    clock: systemClock,
    log: keepingLog(),
    health: desk,
    isOurs: () => true,
    told: () => undefined,
    newSequence: () => undefined,
    hosted: {
      routes: controller.notifications.routes,
      callbackBase: () => controller.notifications.callbackBase,
    },
    finder: { get: () => sighting() },
    link: {
      dedicated: async () => {
        const url = heard?.secureLocation ?? ''
        const http = controller.client()
        const { body } = await http.request({ url, method: 'GET' })
        return { http, url, description: parseDescription(body, url) }
      },
    },
  })
})

afterEach(async () => {
  desk.close()
  await watch.close()
  await controller.stop()
  await killDevices()
  listeners.clear()
})

const sighting = () =>
  heard && {
    udn: heard.udn,
    claim: { version: 1, phase: 'operation' as const, capabilities: ['diag' as const] },
    addresses: [
      {
        address: '127.0.0.1',
        interfaceName: 'lo',
        location: heard.location,
        secureLocation: heard.secureLocation,
        lastSeenMs: Date.now(),
      },
    ],
    bootId: heard.bootId,
    reboots: 0,
    online: true,
    lastSeenMs: Date.now(),
    expiresAtMs: Date.now() + 1_800_000,
    warnings: [],
  }

/** A device in operation, watched from the moment it is. */
const start = async (...extra: string[]): Promise<DeviceProcess> => {
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...['--health-interval', '1', ...extra],
  ])
  const ready = await device.ready
  if (ready.phase !== 'operation') await controller.called('ConfirmEnrollment')
  heard = ready
  watch.look([ready.udn])
  return device
}

/** Resolves with the health of the device as soon as it is so. */
const until = (fits: (health: DeviceHealth) => boolean): Promise<DeviceHealth> =>
  new Promise((resolve) => {
    const look = (): void => {
      const health = heard && desk.of(heard.udn)
      if (!health || !fits(health)) return
      listeners.delete(look)
      resolve(health)
    }
    listeners.add(look)
    look()
  })
const has = (sign: string) => (health: DeviceHealth) => health.alarms.some((alarm) => alarm.sign === sign)

it('events bring health; heat raises an alarm, in both steps', async () => {
  await start('--fault', 'overheat')
  const first = await until(({ feed, atMs }) => feed === 'events' && atMs !== undefined)
  expect(first.intervalS).toBe(1)
  expect(first.values.temperature).toBeGreaterThan(0)
  const warm = await until(has('temperature'))
  expect(warm.level).toBe('warn')
  const hot = await until(({ level }) => level === 'bad')
  expect(hot.alarms[0]).toMatchObject({ sign: 'temperature', level: 'bad' })
  expect(hot.values.temperature).toBeGreaterThan(85)
  expect(gaps).toEqual([])
})

it('a device that cools down ends its alarm', async () => {
  const device = await start('--fault', 'overheat')
  await until(({ level }) => level === 'bad')
  await device.kill('SIGKILL')
  await start()
  const cool = await until((health) => health.feed === 'events' && !has('temperature')(health))
  expect(cool.values.temperature).toBeLessThan(65)
})

it('a clock that is ten minutes behind is told of', async () => {
  await start('--fault', 'clock-behind')
  const health = await until(has('clockSkew'))
  expect(health.level).toBe('bad')
  expect(Math.round((health.values.clockSkew ?? 0) / 10)).toBe(60)
})

it('where no event gets through, the device is asked, and it says so', async () => {
  await start('--fault', 'lose-events')
  const health = await until(has('events-blocked'))
  expect(health.feed).toBe('polled')
  const asked = await until(({ atMs }) => atMs !== undefined)
  const again = await until(({ atMs }) => (atMs ?? 0) > (asked.atMs ?? 0))
  expect((again.atMs ?? 0) - (asked.atMs ?? 0)).toBeGreaterThan(HEALTH_TIMINGS.pollEveryMs / 2)
})

it('a device that falls silent is quiet within three of its intervals', async () => {
  await start('--fault', 'quiet')
  const quiet = await until(({ feed }) => feed === 'quiet')
  const silentMs = Date.now() - (quiet.atMs ?? 0)
  expect(silentMs).toBeGreaterThanOrEqual(HEALTH_TIMINGS.quietIntervals * 1_000)
  // One look of the desk, and one batch of changes.
  expect(silentMs).toBeLessThan((HEALTH_TIMINGS.quietIntervals + 2) * 1_000)
})

it('a device that was killed and comes back is heard again, and was away', async () => {
  const device = await start()
  const before = await until(({ atMs }) => atMs !== undefined)
  await device.kill('SIGKILL')
  await until(({ feed }) => feed === 'quiet')
  await start()
  const after = await until(({ feed, atMs }) => feed === 'events' && (atMs ?? 0) > (before.atMs ?? 0))
  expect(after.values.uptime).toBeLessThan(60)
  expect(has('restarted')(after)).toBe(true)
  expect(gaps).toEqual(['missed'])
})
