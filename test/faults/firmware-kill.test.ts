/**
 * Devices killed at random points of their updates, hundreds of times. After every kill the right bank runs, by the one
 * table of rules; at the end of every update the controller's account is the device's own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BankStatus, BoardRow } from '../../electron/contract/firmware'
import type { Behaviour } from '../../electron/firmware/sample-image'
import { killDevices } from '../helpers/device-process'
import { requirePrivateNetwork } from '../helpers/private-network'
import { makeTempDir } from '../helpers/temp-dir'
import { Fleet, type FleetDevice, type Killed } from './firmware-fleet'

/** Kills in all; more with IOTMC_FIRMWARE_KILLS. */
const KILLS = Number(process.env.IOTMC_FIRMWARE_KILLS ?? 60)
const SEED = Number(process.env.IOTMC_SEED ?? Math.floor(Math.random() * 2 ** 31))
const DEVICES = 6
const WITHIN_MS = 40 * 60_000

/** Points an update passes, as the device logs them. */
const POINTS = [
  'scheduled',
  'downloading',
  'verifying',
  'staged',
  'rebooting',
  'booting',
  'running',
  'probation',
] as const
const BEHAVIOURS: readonly Behaviour[] = ['healthy', 'healthy', 'healthy', 'error', 'crash', 'crash-later']

let state = SEED
/** A small generator of its own, so that a seed repeats a run (mulberry32). */
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

let temp: ReturnType<typeof makeTempDir>
let fleet: Fleet

beforeAll(async () => {
  requirePrivateNetwork()
  process.stdout.write(`seed ${SEED}\n`)
  temp = makeTempDir()
  fleet = await Fleet.make(temp.path, DEVICES)
}, 120_000)
afterAll(async () => {
  await fleet?.controller.close()
  await killDevices()
  temp?.remove()
})

/** Waits for a point of the update, or for its end, then a moment more. */
const reach = async (
  device: FleetDevice,
  point: string,
  moreMs: number,
  over: Promise<void>,
): Promise<void> => {
  const before = new Set(device.process?.logs)
  const heard = device.process?.log((line) => {
    const { event, state: at } = line
    return !before.has(line) && (event === point || (event === 'update' && at === point))
  })
  await Promise.race([heard?.catch(() => undefined), over])
  await new Promise((done) => setTimeout(done, moreMs))
}

const killDuring = async (device: FleetDevice, rolloutId: string, times: number): Promise<Killed[]> => {
  const over = fleet.until(() => fleet.jobEnded(rolloutId, device.udn))
  const kills: Killed[] = []
  for (let left = times; left > 0; left -= 1) {
    await reach(device, pick(POINTS), Math.floor(random() ** 2 * 400), over)
    kills.push(await device.killAndStart())
  }
  await over
  return kills
}

/** What the board may say of a device that stands so. */
const expectSameAccount = (row: BoardRow | undefined, own: BankStatus, version: string): void => {
  const active = own.banks.find(({ slot }) => slot === own.activeBank)
  expect(active?.state).toBe('valid')
  if (row?.state === 'confirmed') expect(active?.version).toBe(version)
  else expect(active?.version).not.toBe(version)
  expect(['confirmed', 'rolledBack', 'failed']).toContain(row?.state)
  if (row?.state === 'rolledBack') expect(own.update?.state).toBe('rolledBack')
}

describe('devices killed during their updates', () => {
  it(
    'always run a valid bank, the right one, and the controller knows',
    async () => {
      const points = new Map<string, number>()
      const outcomes = new Map<string, number>()
      for (let kills = 0, round = 1; kills < KILLS; round += 1) {
        const version = `1.5.${round}`
        const behaviour = pick(BEHAVIOURS)
        const bundleId = await fleet.addBundle(version, behaviour)
        const rolloutId = fleet.start(bundleId, fleet.devices)
        await Promise.all(
          fleet.devices.map(async (device) => {
            const killed = await killDuring(device, rolloutId, 1 + Math.floor(random() * 3))
            kills += killed.length
            for (const { at, booted, expected } of killed) {
              expect(booted, `${device.udn} killed at ${at}`).toBe(expected)
              points.set(at, (points.get(at) ?? 0) + 1)
            }
            const row = fleet.row(rolloutId, device.udn)
            const own = await fleet.ask(device.udn)
            expectSameAccount(row, own, version)
            if (behaviour !== 'healthy') expect(row?.state).not.toBe('confirmed')
            const outcome = `${behaviour} ${row?.state} ${row?.error?.code ?? ''}`.trim()
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
          }),
        )
        process.stdout.write(`round ${round}: ${behaviour}, ${kills} kills\n`)
      }
      process.stdout.write(`${JSON.stringify({ points: [...points], outcomes: [...outcomes] })}\n`)
    },
    WITHIN_MS,
  )
})
