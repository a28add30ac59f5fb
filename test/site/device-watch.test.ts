/** How the controller hears of its devices: events where they get through, questions where they do not. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ServiceName } from '../../electron/contract/names'
import { HEALTH_TIMINGS } from '../../electron/contract/timings'
import { HeapClock, SleepyClock } from '../helpers/heap-clock'
import { LAPTOP, WatchWorld, type WorldDevice } from './watch-world'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const ROOM = 60

let clock: HeapClock
let laptop: SleepyClock
let world: WatchWorld
let loses: (kind: 'notify' | 'request') => boolean

beforeEach(() => {
  clock = new HeapClock()
  laptop = new SleepyClock(clock)
  loses = () => false
  world = new WatchWorld({
    clock,
    laptop,
    asleep: () => laptop.asleep,
    loses: (kind) => loses(kind),
    room: ROOM,
  })
})
afterEach(() => world.close())

const feed = (device: WorldDevice) => world.desk.of(device.udn)?.feed
const signs = (device: WorldDevice) => world.desk.of(device.udn)?.alarms.map(({ sign }) => sign)
const samples = (device: WorldDevice) => world.samples.get(device.udn) ?? []
const gaps = (device: WorldDevice) => world.gaps.get(device.udn) ?? []
const told = (device: WorldDevice) =>
  world.told.filter(({ udn }) => udn === device.udn).map((each) => each.told)

/** A device that has been heard for half a minute. */
const heardDevice = async (n = 1): Promise<WorldDevice> => {
  const device = world.add(n)
  world.look(device)
  await clock.pass(30 * SECOND)
  return device
}

it('hears health, phase, configuration, banks and the newest record of a device', async () => {
  const device = await heardDevice()
  expect(feed(device)).toBe('events')
  expect(samples(device)).toHaveLength(device.published.length)
  expect(world.sequences.get(device.udn)).toBe(device.published.length)
  expect(told(device)).toEqual([
    { phase: 'operation' },
    { configurationVersion: 3 },
    { firmware: { updateState: 'idle', activeBank: 'A' } },
  ])
  expect(device.publisher.size).toBe(4)
})

it('watches what an older device has, and does not miss its health', async () => {
  const device = world.add(1)
  device.services = ['Lifecycle', 'Configuration']
  world.look(device)
  await clock.pass(MINUTE)
  expect(feed(device)).toBe('none')
  expect(device.publisher.size).toBe(2)
  expect(device.asked).toBe(0)
})

it('ends with the device going offline: nothing is told, and what was missed is a gap', async () => {
  const device = await heardDevice()
  device.stop()
  world.look(device)
  await clock.pass(MINUTE)
  expect(feed(device)).toBe('none')
  expect(told(device).at(-1)).toEqual({})
  const lastMs = samples(device).at(-1)?.atMs
  device.start()
  world.look(device)
  await clock.pass(SECOND)
  expect(feed(device)).toBe('events')
  expect(gaps(device)).toMatchObject([{ fromMs: lastMs, reason: 'offline' }])
})

it('follows a reboot that only its BOOTID shows, and counts nothing twice', async () => {
  const device = await heardDevice()
  device.stop()
  device.start()
  world.look(device)
  await clock.pass(20 * SECOND)
  expect(device.publisher.size).toBe(4)
  expect(samples(device)).toHaveLength(device.published.length)
  expect(signs(device)).toEqual(['restarted'])
})

it('follows a device to another address, and to another port', async () => {
  const device = await heardDevice()
  device.address = '10.0.9.9'
  world.look(device)
  await clock.pass(30 * MINUTE)
  device.port = 2
  world.look(device)
  await clock.pass(20 * MINUTE)
  expect(feed(device)).toBe('events')
  expect(samples(device)).toHaveLength(device.published.length)
  expect(gaps(device)).toEqual([])
})

it('finds a device that moved without a word when its subscription can not be renewed', async () => {
  const device = await heardDevice()
  device.address = '10.0.9.9'
  await clock.pass(3600 * SECOND)
  expect(feed(device)).toBe('events')
  expect(samples(device)).toHaveLength(device.published.length)
})

it('subscribes anew when this laptop gets another address', async () => {
  const device = await heardDevice()
  world.laptopAddress = '10.0.0.77'
  await clock.pass(MINUTE)
  expect(feed(device)).toBe('events')
  expect(device.publisher.size).toBe(4)
  expect(samples(device).length).toBeGreaterThan(device.published.length - 3)
  world.laptopAddress = LAPTOP
  await clock.pass(MINUTE)
  expect(feed(device)).toBe('events')
})

it('after a nap renews at once, after a long sleep subscribes anew; the time asleep is a gap, once', async () => {
  const device = await heardDevice()
  for (const sleptMs of [5 * MINUTE, 120 * MINUTE]) {
    const asleepMs = clock.now()
    laptop.sleep()
    await clock.pass(sleptMs)
    laptop.wake()
    await clock.pass(20 * SECOND)
    expect(feed(device)).toBe('events')
    expect(signs(device)).toEqual([])
    expect(device.publisher.size).toBe(4)
    const gap = gaps(device).at(-1)
    expect(gap?.reason).toBe('asleep')
    expect(gap?.fromMs).toBeGreaterThan(asleepMs - 6 * SECOND)
    expect(gap?.toMs).toBeLessThan(asleepMs + sleptMs + 6 * SECOND)
  }
  expect(gaps(device)).toHaveLength(2)
  const times = samples(device).map(({ atMs }) => atMs)
  expect(new Set(times).size).toBe(times.length)
})

it('spreads the renewals of many devices after sleep', async () => {
  for (let n = 1; n <= ROOM; n += 1) world.add(n)
  world.look()
  await clock.pass(30 * SECOND)
  laptop.sleep()
  await clock.pass(5 * MINUTE)
  world.load.most = 0
  laptop.wake()
  await clock.pass(10 * SECOND)
  expect(world.load.renewals).toBeGreaterThanOrEqual(4 * ROOM)
  expect(world.load.most).toBeLessThanOrEqual(16)
})

it('shows a lost event as a gap, and heals', async () => {
  const device = await heardDevice()
  loses = (kind) => kind === 'notify'
  await clock.pass(5 * SECOND)
  loses = () => false
  await clock.pass(20 * SECOND)
  expect(gaps(device)).toMatchObject([{ reason: 'missed' }])
  expect(samples(device).length).toBe(device.published.length - 1)
  expect(feed(device)).toBe('events')
})

it('outlives renewals that are lost', async () => {
  const device = await heardDevice()
  let lost = 0
  loses = (kind) => kind === 'request' && lost++ < 6
  await clock.pass(3600 * SECOND)
  expect(lost).toBeGreaterThan(6)
  expect(feed(device)).toBe('events')
  expect(samples(device)).toHaveLength(device.published.length)
})

it.each([
  ['grants and sends nothing', { mute: true }],
  ['has no room for a subscriber', { refuses: 503 }],
  ['finds the callback in the wrong segment', { refuses: 412 }],
  ['does not let this laptop subscribe', { refuses: 403 }],
])('asks a device that %s, says so, and hears it again when it can', async (_, trouble) => {
  const device = Object.assign(world.add(1), trouble)
  world.look(device)
  await clock.pass(HEALTH_TIMINGS.blockedAfterMs + SECOND)
  expect([feed(device), signs(device)]).toEqual(['polled', ['events-blocked']])
  expect(device.publisher.size).toBe(0)
  await clock.pass(4 * MINUTE)
  const asked = device.asked
  expect(asked).toBeGreaterThanOrEqual(23)
  expect(samples(device)).toHaveLength(asked)
  expect(gaps(device)).toEqual([])
  device.mute = false
  device.refuses = undefined
  await clock.pass(2 * MINUTE)
  expect([feed(device), signs(device)]).toEqual(['events', []])
  const stopped = device.asked
  await clock.pass(5 * MINUTE)
  expect(device.asked).toBe(stopped)
  expect(told(device).at(-1)).toMatchObject({ firmware: {} })
})

it.each<[status: number, services: ServiceName[]]>([
  [503, ['Configuration']],
  [412, ['Firmware', 'Lifecycle']],
  [403, ['Configuration', 'Firmware', 'Lifecycle']],
])('hears what is granted where %i is the answer of %j, and the others later', async (status, services) => {
  const device = world.add(1)
  device.refuses = status
  device.refusedServices = services
  world.look(device)
  for (let n = 0; n < 12; n += 1) {
    await clock.pass(MINUTE)
    expect([feed(device), signs(device)]).toEqual(['events', []])
    expect(device.publisher.size).toBe(4 - services.length)
  }
  expect(device.asked).toBe(0)
  // Each is tried again every five minutes, not with every event of the others.
  expect(world.load.subscribed).toBe(4 + 2 * services.length)
  expect(world.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(services.length)
  device.refuses = undefined
  await clock.pass(HEALTH_TIMINGS.unblockEveryMs)
  expect(device.publisher.size).toBe(4)
})

it('finds out that events stopped to get through: quiet first, asked then', async () => {
  const device = await heardDevice()
  device.mute = true
  await clock.pass(HEALTH_TIMINGS.quietIntervals * 5 * SECOND + SECOND)
  expect([feed(device), signs(device)]).toEqual(['quiet', ['quiet']])
  await clock.pass(HEALTH_TIMINGS.blockedAfterMs + SECOND)
  expect([feed(device), signs(device)]).toEqual(['polled', ['events-blocked']])
  expect(gaps(device)).toMatchObject([{ reason: 'missed' }])
  expect(told(device).at(-1)).toEqual({})
})

it('a device that reports nothing is quiet until it does, however often it is subscribed to', async () => {
  const device = await heardDevice()
  device.silent = true
  await clock.pass(10 * MINUTE)
  expect([feed(device), signs(device)]).toEqual(['quiet', ['quiet']])
  device.silent = false
  await clock.pass(6 * SECOND)
  expect([feed(device), signs(device)]).toEqual(['events', []])
  expect(samples(device)).toHaveLength(device.published.length)
})

it('misses a device that announces health and can not even be reached', async () => {
  const device = world.add(1)
  loses = (kind) => kind === 'request'
  world.look(device)
  await clock.pass(2 * MINUTE)
  expect(feed(device)).toBe('quiet')
  expect(world.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  loses = () => false
  await clock.pass(MINUTE)
  expect(feed(device)).toBe('events')
})

it('asks devices beyond the number that it subscribes to, more slowly; a free place is taken', async () => {
  for (let n = 1; n <= ROOM + 5; n += 1) world.add(n, 60)
  world.look()
  await clock.pass(5 * MINUTE)
  expect(world.watch.count()).toEqual({ listening: ROOM, overflow: 5 })
  const polled = [...world.devices.values()].filter((device) => feed(device) === 'polled')
  expect(polled).toHaveLength(5)
  for (const device of polled) {
    expect(signs(device)).toEqual([])
    expect(device.asked).toBeGreaterThanOrEqual(4)
    expect(device.asked).toBeLessThanOrEqual(6)
    expect(gaps(device)).toEqual([])
  }
  const first = [...world.devices.values()][0]
  first?.stop()
  if (first) world.look(first)
  await clock.pass(2 * MINUTE)
  expect(world.watch.count()).toEqual({ listening: ROOM, overflow: 4 })
})

it('unsubscribes when it ends', async () => {
  const device = await heardDevice()
  await world.close()
  expect(device.publisher.size).toBe(0)
})
