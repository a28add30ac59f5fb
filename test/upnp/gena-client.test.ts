import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { HttpAnswer, HttpsClient, HttpsRequest } from '../../electron/net/https-client'
import { Subscription, type SubscriptionState } from '../../electron/upnp/gena-client'
import { encodePropertySet } from '../../electron/upnp/gena-message'
import { NotifyRoutes } from '../../electron/upnp/notify-routes'
import { VirtualClock } from '../helpers/virtual-clock'

const PEER = { der: Buffer.from('x'), chainDer: [] }
const UDN = 'uuid:device'

let clock: VirtualClock
let routes: NotifyRoutes
let asked: { method: string; headers: Readonly<Record<string, string>>; url: string; atMs: number }[]
let answer: (r: HttpsRequest) => Partial<HttpAnswer> | Promise<Partial<HttpAnswer>>
let events: string[]
let states: SubscriptionState[]
let gaps: number
let path: string
let subscription: Subscription
let sids: number

beforeEach(() => {
  clock = new VirtualClock()
  routes = new NotifyRoutes()
  asked = []
  events = []
  states = []
  gaps = 0
  sids = 0
  answer = (r) => (r.headers?.sid ? {} : { headers: { sid: `sid-${++sids}`, timeout: 'Second-300' } })
  const client = {
    request: async (r: HttpsRequest): Promise<HttpAnswer> => {
      asked.push({ method: r.method, headers: r.headers ?? {}, url: r.url, atMs: clock.now() })
      path = /<https:\/\/me:1(\/[^>]*)>/.exec(r.headers?.callback ?? '')?.[1] ?? path
      return { status: 200, headers: {}, body: Buffer.alloc(0), ...(await answer(r)) }
    },
  } as unknown as HttpsClient
  subscription = new Subscription({
    clock,
    client,
    eventSubUrl: 'https://device:2/event',
    routes,
    callbackBase: 'https://me:1',
    peerUdn: UDN,
    timeoutS: 600,
    onEvent: (values, initial) => events.push(`${initial ? 'initial ' : ''}${values.A}`),
    onState: (state) => states.push(state),
    onGap: () => {
      gaps++
    },
  })
})
afterEach(() => subscription.close())

const notify = (sid: string, seq: number, value: string, udn = UDN): number =>
  routes.deliver(
    path,
    { nt: 'upnp:event', nts: 'upnp:propchange', sid, seq: String(seq) },
    Buffer.from(encodePropertySet({ A: value })),
    { peer: PEER, udn },
  )

const methods = () =>
  asked.map((each) => (each.headers.sid ? `${each.method} ${each.headers.sid}` : each.method))
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await turn()
}
/** Virtual time in small steps, promises settling in between. */
const pass = async (ms: number, stepMs = Math.min(500, ms)): Promise<void> => {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(stepMs, left))
    await turn()
  }
  await settle()
}

describe('a subscription', () => {
  it('asks with callback and time-out, and takes what comes', async () => {
    await subscription.start()
    expect(asked[0]?.headers).toMatchObject({ nt: 'upnp:event', timeout: 'Second-600' })
    expect(notify('sid-1', 0, 'a')).toBe(200)
    expect(notify('sid-1', 1, 'b')).toBe(200)
    expect(notify('sid-1', 1, 'b')).toBe(200)
    expect(notify('other', 2, 'c')).toBe(412)
    expect(events).toEqual(['initial a', 'b'])
  })

  it('refuses events from another certificate than the device', async () => {
    await subscription.start()
    expect(notify('sid-1', 0, 'a', 'uuid:else')).toBe(412)
    expect(events).toEqual([])
  })

  it('keeps a NOTIFY that overtakes the answer', async () => {
    answer = () => {
      expect(notify('sid-9', 0, 'early')).toBe(200)
      expect(notify('foreign', 0, 'no')).toBe(200)
      return { headers: { sid: 'sid-9' } }
    }
    await subscription.start()
    expect(events).toEqual(['initial early'])
  })

  it('renews at half of what was granted, not of what was asked', async () => {
    await subscription.start()
    const startMs = clock.now()
    await pass(149_999)
    expect(asked).toHaveLength(1)
    await pass(1)
    expect(asked[1]).toMatchObject({
      headers: { sid: 'sid-1', timeout: 'Second-600' },
      atMs: startMs + 150_000,
    })
    expect(asked[1]?.headers.nt).toBeUndefined()
    expect(asked[1]?.headers.callback).toBeUndefined()
  })

  it.each([404, 412, 500])('subscribes anew when a renewal is answered %i', async (status) => {
    answer = (r) =>
      r.headers?.sid ? { status } : { headers: { sid: `sid-${++sids}`, timeout: 'Second-300' } }
    await subscription.start()
    await pass(150_000)
    expect(methods()).toEqual(['SUBSCRIBE', 'SUBSCRIBE sid-1', 'SUBSCRIBE'])
    expect(notify('sid-2', 0, 'again')).toBe(200)
    expect(events).toEqual(['initial again'])
  })

  it('repeats a renewal that got no answer while there is time, then subscribes anew', async () => {
    answer = (r) => {
      if (r.headers?.sid) throw new IotmcError('DEVICE_UNREACHABLE')
      return { headers: { sid: `sid-${++sids}`, timeout: 'Second-300' } }
    }
    await subscription.start()
    await pass(300_000)
    expect(methods().filter((each) => each === 'SUBSCRIBE sid-1').length).toBeGreaterThan(3)
    await pass(30_000)
    expect(methods().at(-1)).toBe('SUBSCRIBE')
  })

  it('subscribes anew after a gap, and lets the old one go', async () => {
    await subscription.start()
    notify('sid-1', 0, 'a')
    notify('sid-1', 2, 'c')
    await settle()
    expect(gaps).toBe(1)
    expect(events).toEqual(['initial a', 'c'])
    expect(methods()).toEqual(['SUBSCRIBE', 'UNSUBSCRIBE sid-1', 'SUBSCRIBE'])
    notify('sid-2', 0, 'full')
    expect(events.at(-1)).toBe('initial full')
  })

  it('does not chase a device that never gets its keys right', async () => {
    await subscription.start()
    for (let i = 1; i <= 200; i++) {
      notify(`sid-${sids}`, 7, 'x')
      await pass(100)
    }
    expect(asked.filter((each) => each.headers.nt).length).toBeLessThan(8)
  })

  it('subscribes anew after a reboot, at the new address, without asking the old one', async () => {
    await subscription.start()
    subscription.resubscribe('https://device:3/event')
    await settle()
    expect(asked.map((each) => `${each.method} ${each.url}`)).toEqual([
      'SUBSCRIBE https://device:2/event',
      'SUBSCRIBE https://device:3/event',
    ])
    expect(notify('sid-1', 1, 'old')).toBe(412)
    expect(notify('sid-2', 0, 'new')).toBe(200)
  })

  it('survives a laptop that slept past the expiry', async () => {
    await subscription.start()
    clock.jump(3_600_000)
    await pass(150_000)
    expect(methods()).toEqual(['SUBSCRIBE', 'SUBSCRIBE'])
  })

  it('keeps trying ever more slowly while the device is away', async () => {
    let away = false
    answer = (r) => {
      if (away) throw new IotmcError('DEVICE_UNREACHABLE')
      return r.headers?.sid ? {} : { headers: { sid: `sid-${++sids}` } }
    }
    await subscription.start()
    away = true
    subscription.resubscribe()
    await pass(600_000)
    const tries = asked.length
    expect(tries).toBeGreaterThan(8)
    expect(tries).toBeLessThan(22)
    expect(states.at(-1)).toMatchObject({ name: 'lost', error: { code: 'DEVICE_UNREACHABLE' } })
    away = false
    await pass(60_000)
    expect(states.at(-1)).toMatchObject({ name: 'active' })
  })

  it('rejects when the first attempt fails, and is closed then', async () => {
    answer = () => ({ status: 403 })
    await expect(subscription.start()).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
    expect(states.at(-1)).toEqual({ name: 'closed' })
    expect(clock.pending).toBe(0)
  })

  it('refuses an answer without a SID', async () => {
    answer = () => ({})
    await expect(subscription.start()).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('unsubscribes when it is closed and leaves no timer', async () => {
    await subscription.start()
    await subscription.close()
    await subscription.close()
    await settle()
    expect(methods()).toEqual(['SUBSCRIBE', 'UNSUBSCRIBE sid-1'])
    expect(notify('sid-1', 0, 'late')).toBe(412)
    expect(clock.pending).toBe(0)
  })
})
