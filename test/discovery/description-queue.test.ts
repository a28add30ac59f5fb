/** Descriptions: so many at once, one per host, once per CONFIGID; a dead LOCATION costs little and blocks nobody. */
import { beforeEach, expect, test } from 'vitest'
import type { DeviceDescription } from '../../electron/contract/description'
import { IotmcError } from '../../electron/contract/errors'
import { DISCOVERY_LIMITS } from '../../electron/contract/timings'
import {
  DescriptionQueue,
  type DescriptionResult,
  refusalOf,
} from '../../electron/discovery/description-queue'
import { VirtualClock } from '../helpers/virtual-clock'

const source = (location: string) => [{ location, interfaceName: 'eth0' }]
const describeAs = (udn: string, embedded: string[] = []): DeviceDescription => ({
  udn,
  deviceType: 'urn:x:device:Y:1',
  friendlyName: 'Pump',
  manufacturer: 'ACME',
  modelName: 'P-1',
  services: [],
  embedded,
  repairs: [],
})

interface Fetch {
  readonly url: string
  readonly signal: AbortSignal
  answer(description: DeviceDescription): Promise<void>
  fail(error: Error): Promise<void>
}
let clock: VirtualClock
let fetches: Fetch[]
let results: [udn: string, result: DescriptionResult][]
let queue: DescriptionQueue
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
const unreachable = new IotmcError('DEVICE_UNREACHABLE')

beforeEach(() => {
  clock = new VirtualClock()
  fetches = []
  results = []
  queue = new DescriptionQueue({
    clock,
    onResult: (udn, result) => results.push([udn, result]),
    read: (url, signal) =>
      new Promise((resolve, reject) => {
        const then = (fn: () => void) => () => {
          fn()
          return settle()
        }
        fetches.push({
          url,
          signal,
          answer: (description) => then(() => resolve(description))(),
          fail: (error) => then(() => reject(error))(),
        })
      }),
  })
})

test('at most 16 at once, one for each host, and the next goes out as one comes back', async () => {
  for (let n = 0; n < 40; n++) queue.want(`uuid:${n}`, 'config:1', source(`http://10.0.0.${n}/d`))
  for (let n = 0; n < 5; n++) queue.want(`uuid:same-${n}`, 'config:1', source(`http://10.0.0.0:80${n}/d`))
  expect(fetches).toHaveLength(DISCOVERY_LIMITS.descriptionConcurrency)
  expect(new Set(fetches.map(({ url }) => new URL(url).hostname)).size).toBe(fetches.length)
  await fetches[3]?.answer(describeAs('uuid:3'))
  expect(results).toMatchObject([['uuid:3', { ok: true }]])
  expect(fetches).toHaveLength(DISCOVERY_LIMITS.descriptionConcurrency + 1)
})

test('asked again with the same key: no further fetch, while it runs and when it is there', async () => {
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1/d'))
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1/d'))
  await fetches[0]?.answer(describeAs('uuid:1'))
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1/d'))
  expect(fetches).toHaveLength(1)
  expect(results).toHaveLength(2)
  queue.want('uuid:1', 'config:2', source('http://10.0.0.1/d'))
  expect(fetches).toHaveLength(2)
})

test('root and embedded devices share one fetch; another device at the same address does not', async () => {
  const at = source('http://10.0.0.1/d')
  queue.want('uuid:root', 'config:1', at)
  queue.want('uuid:inner', 'config:1', at)
  queue.want('uuid:other', 'config:1', at)
  await fetches[0]?.answer(describeAs('uuid:root', ['uuid:inner']))
  await settle()
  expect(results.map(([udn]) => udn)).toEqual(['uuid:root', 'uuid:inner'])
  expect(fetches).toHaveLength(2)
})

test('a moved device is asked at its new place, because the URLs in the description depend on it', async () => {
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1:1/d'))
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1:2/d'))
  await fetches[0]?.answer(describeAs('uuid:1'))
  await settle()
  expect(results).toEqual([])
  expect(fetches.map(({ url }) => url)).toEqual(['http://10.0.0.1:1/d', 'http://10.0.0.1:2/d'])
  await fetches[1]?.answer(describeAs('uuid:1'))
  expect(results).toMatchObject([['uuid:1', { ok: true }]])
})

test('silence is cut off after 5 s even where the reader ignores its signal, tried thrice, then left alone', async () => {
  const at = source('http://10.0.0.1/d')
  queue.want('uuid:1', 'config:1', at)
  await clock.advanceAsync(60_000)
  expect(fetches).toHaveLength(DISCOVERY_LIMITS.descriptionAttempts)
  expect(fetches.every(({ signal }) => signal.aborted)).toBe(true)
  expect(queue.running).toBe(0)
  expect(results).toMatchObject([['uuid:1', { ok: false, reason: 'fetch-failed' }]])
  for (let packet = 0; packet < 100; packet++) queue.want('uuid:1', 'config:1', at)
  expect(fetches).toHaveLength(3)
  expect(queue.retryFailed()).toEqual(['uuid:1'])
  queue.want('uuid:1', 'config:1', at)
  expect(fetches).toHaveLength(4)
})

test('another address is tried where the first is dead', async () => {
  queue.want('uuid:1', 'config:1', [...source('http://10.0.0.1/d'), ...source('http://10.9.0.1/d')])
  await fetches[0]?.fail(unreachable)
  await clock.advanceAsync(3_000)
  expect(fetches[1]?.url).toBe('http://10.9.0.1/d')
})

test('a hundred dead hosts do not keep new devices waiting', async () => {
  for (let n = 0; n < 100; n++) queue.want(`uuid:dead-${n}`, 'config:1', source(`http://10.1.0.${n}/d`))
  await clock.advanceAsync(40_000)
  const dead = queue.running
  expect(dead).toBeLessThanOrEqual(4)
  queue.want('uuid:new', 'config:1', source('http://10.0.0.1/d'))
  expect(fetches.at(-1)?.url).toBe('http://10.0.0.1/d')
})

test('a wrong answer is not asked for again', async () => {
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1/d'))
  await fetches[0]?.fail(new IotmcError('BAD_ANSWER', { detail: 'too-large: 300000' }))
  await clock.advanceAsync(60_000)
  expect(fetches).toHaveLength(1)
  expect(results).toMatchObject([['uuid:1', { ok: false, reason: 'too-large' }]])
})

test('what a device that left still waited for is dropped, and closing ends everything', async () => {
  queue.want('uuid:1', 'config:1', source('http://10.0.0.1/a'))
  queue.want('uuid:2', 'config:1', source('http://10.0.0.1/b'))
  queue.forget('uuid:2')
  await fetches[0]?.answer(describeAs('uuid:1'))
  expect(fetches).toHaveLength(1)
  queue.want('uuid:3', 'config:1', source('http://10.0.0.1/c'))
  queue.close()
  await settle()
  expect(fetches[1]?.signal.aborted).toBe(true)
  expect(clock.pending).toBe(0)
  expect(results).toHaveLength(1)
})

test('reasons of a failed fetch', () => {
  const bad = (detail: string) => refusalOf(new IotmcError('BAD_ANSWER', { detail })).reason
  expect(bad('redirect-other-host')).toBe('redirect-other-host')
  expect(bad('too-large')).toBe('too-large')
  expect(bad('HTTP 404')).toBe('not-xml')
  expect(refusalOf(unreachable)).toEqual({ reason: 'fetch-failed', detail: 'DEVICE_UNREACHABLE' })
  expect(refusalOf(new TypeError('x')).reason).toBe('fetch-failed')
})
