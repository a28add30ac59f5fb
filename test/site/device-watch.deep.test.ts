/**
 * Thirty hours of a site with 500 devices, in virtual time: real publishers, real subscriptions, real watch and desk. Devices
 * reboot and move, events and requests get lost, the laptop moves and sleeps for two hours.
 */
import { expect, it } from 'vitest'
import { HEALTH_TIMINGS } from '../../electron/contract/timings'
import { HeapClock, SleepyClock } from '../helpers/heap-clock'
import { WatchWorld, type WorldDevice } from './watch-world'

const DEVICES = 500
const HOURS = 30
const INTERVAL_S = 600
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const LOST_EVENTS = 0.001
const LOST_REQUESTS = 0.02
const ASKED_APART_MS = 2 * HEALTH_TIMINGS.pollEveryMs + SECOND

/** A small generator of chance (mulberry32), the same on every run. */
const chanceOf = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Happened {
  reboots: number
  silentReboots: number
  moves: number
  unsaidMoves: number
  sleptMs: number
}

/** Lets things happen to the devices at times of chance. */
const trouble = (world: WatchWorld, clock: HeapClock, chance: () => number, endMs: number): Happened => {
  const happened: Happened = { reboots: 0, silentReboots: 0, moves: 0, unsaidMoves: 0, sleptMs: 0 }
  let address = 0
  const reboot = (device: WorldDevice): void => {
    device.stop()
    const silent = chance() < 0.5
    happened[silent ? 'silentReboots' : 'reboots'] += 1
    if (!silent) world.look(device)
    clock.setTimer(
      () => {
        device.start()
        world.look(device)
      },
      5 * SECOND + chance() * 20 * SECOND,
    )
  }
  const move = (device: WorldDevice): void => {
    address += 1
    device.address = `10.0.${100 + Math.floor(address / 250)}.${1 + (address % 250)}`
    const unsaid = chance() < 0.3
    happened[unsaid ? 'unsaidMoves' : 'moves'] += 1
    if (!unsaid) world.look(device)
  }
  for (const device of world.devices.values()) {
    for (const happen of [reboot, move]) {
      const again = (): void => {
        const waitMs = chance() * 24 * HOUR
        if (clock.now() + waitMs > endMs) return
        clock.setTimer(() => {
          if (device.online) happen(device)
          again()
        }, waitMs)
      }
      again()
    }
  }
  return happened
}

it(`${DEVICES} devices are heard for ${HOURS} hours: nothing twice, every gap shown`, {
  timeout: 600_000,
}, async () => {
  const clock = new HeapClock()
  const laptop = new SleepyClock(clock)
  const chance = chanceOf(5)
  let lossy = true
  const lost = { notify: 0, request: 0 }
  const world = new WatchWorld({
    clock,
    laptop,
    asleep: () => laptop.asleep,
    loses: (kind) => {
      const loses = lossy && chance() < (kind === 'notify' ? LOST_EVENTS : LOST_REQUESTS)
      if (loses) lost[kind] += 1
      return loses
    },
  })
  const startedMs = performance.now()
  const beganMs = clock.now()
  // Reports fall on whole seconds, spread over the interval.
  for (let n = 1; n <= DEVICES; n += 1)
    world.add(n, INTERVAL_S, Math.ceil(chance() * INTERVAL_S) * SECOND).services = [
      'Lifecycle',
      'Diagnostics',
    ]
  world.look()
  const happened = trouble(world, clock, chance, beganMs + (HOURS - 2) * HOUR)

  await clock.pass(9 * HOUR)
  laptop.sleep()
  await clock.pass(2 * HOUR)
  laptop.wake()
  world.look()
  happened.sleptMs += 2 * HOUR
  await clock.pass(3 * HOUR)
  world.laptopAddress = '10.0.0.2'
  await clock.pass(6 * HOUR)
  laptop.sleep()
  await clock.pass(10 * MINUTE)
  laptop.wake()
  world.look()
  happened.sleptMs += 10 * MINUTE
  await clock.pass(7 * HOUR + 50 * MINUTE)
  lossy = false
  const calmMs = clock.now()
  await clock.pass(2 * HOUR)
  const virtualMs = clock.now() - beganMs

  let counted = 0
  let published = 0
  let missed = 0
  let gaps = 0
  let askedFor = 0
  const notAlive: string[] = []
  const doubled: string[] = []
  const unshown: string[] = []
  for (const device of world.devices.values()) {
    const samples = world.samples.get(device.udn) ?? []
    const shown = world.gaps.get(device.udn) ?? []
    const seen = new Map<string, number>()
    for (const { id } of samples) seen.set(id, (seen.get(id) ?? 0) + 1)
    for (const [id, times] of seen) if (times > 1) doubled.push(`${device.udn} ${id}`)
    for (const { id, atMs } of device.published) {
      if (seen.has(id)) continue
      // While a device is asked, its answers say what its events would have.
      const next = samples.findIndex((sample) => sample.atMs >= atMs)
      if (
        (samples[next]?.atMs ?? Number.POSITIVE_INFINITY) - (samples[next - 1]?.atMs ?? 0) <
        ASKED_APART_MS
      ) {
        askedFor += 1
        continue
      }
      missed += 1
      if (!shown.some(({ fromMs, toMs }) => fromMs < atMs && atMs < toMs))
        unshown.push(`${device.udn} ${atMs}`)
    }
    counted += samples.length
    published += device.published.length
    gaps += shown.length
    const fresh = samples.filter(({ atMs }) => atMs > calmMs + HOUR).length
    const due = HOUR / (INTERVAL_S * SECOND)
    const { feed } = world.desk.of(device.udn) ?? {}
    if (feed !== 'events' || device.publisher.size < 2 || fresh < due - 1)
      notAlive.push(`${device.udn} ${feed} ${device.publisher.size} ${fresh}`)
  }
  const load = { ...world.load }
  await world.close()

  console.info(
    [
      `hours ${virtualMs / HOUR}`,
      `seconds of this machine ${((performance.now() - startedMs) / 1000).toFixed(1)}`,
      `reports made ${published}, counted once ${counted}, asked for ${askedFor}, missed ${missed}, gaps shown ${gaps}`,
      `NOTIFY sent ${load.notified}, lost ${lost.notify}; requests ${load.requests}, lost ${lost.request}`,
      `subscribed ${load.subscribed}, renewed ${load.renewals}, at once at most ${load.most}`,
      `reboots ${happened.reboots} announced and ${happened.silentReboots} not, moves ${happened.moves} heard and ${happened.unsaidMoves} not, slept ${happened.sleptMs / HOUR} h`,
    ].join('\n'),
  )
  expect(virtualMs).toBeGreaterThanOrEqual(HOURS * HOUR)
  expect(doubled).toEqual([])
  expect(unshown).toEqual([])
  expect(notAlive).toEqual([])
  expect(missed).toBeGreaterThan(0)
  expect(load.most).toBeLessThanOrEqual(16 + 8)
})
