import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DEVICE_TYPE, type ServiceName } from '../../electron/contract/names'
import { systemClock } from '../../electron/net/clock'
import { HttpsClient } from '../../electron/net/https-client'
import { UpnpEndpoint } from '../../electron/upnp/endpoint'
import { Subscription } from '../../electron/upnp/gena-client'
import { issue, makeRoot, type TestCertificate } from '../net/pki'

let root: TestCertificate
let device: TestCertificate
let controller: TestCertificate
let stranger: TestCertificate
const closers: (() => Promise<void>)[] = []
const named = new Map<string, TestCertificate>()

beforeAll(async () => {
  root = await makeRoot('Root')
  device = await issue({ name: 'device', issuer: root })
  controller = await issue({ name: 'controller', issuer: root })
  stranger = await issue({ name: 'stranger', issuer: root })
  for (const certificate of [device, controller, stranger])
    named.set(certificate.der.toString('hex'), certificate)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const start = async (identity: TestCertificate, services: ServiceName[], log?: (event: string) => void) => {
  const endpoint = new UpnpEndpoint({
    udn: `uuid:${identity.name}`,
    deviceType: DEVICE_TYPE.managed,
    friendlyName: identity.name,
    manufacturer: 'M',
    model: 'L1',
    serialNumber: 'SN',
    configId: () => 1,
    services,
    identity,
    clientCas: [root.pem],
    clientCertificate: 'required',
    hosts: ['127.0.0.1'],
    ...(log ? { log } : {}),
    judgePeer: (chain) => {
      const certificate = named.get(chain[0]?.toString('hex') ?? '')
      if (!certificate) return { ok: false, code: 'IDENTITY_NOT_TRUSTED' }
      return { ok: true, role: 'Admin', udn: `uuid:${certificate.name}` }
    },
  })
  const { httpsPort } = await endpoint.start()
  closers.push(() => endpoint.close())
  return { endpoint, base: `https://127.0.0.1:${httpsPort}` }
}

const clientOf = (identity: TestCertificate): HttpsClient => {
  const client = new HttpsClient({ identity, cas: [root.pem], judgePeer: () => ({ ok: true }) })
  closers.push(() => client.close())
  return client
}

/** Collects events and lets a test wait for the n-th. */
const inbox = () => {
  const events: { value: string | undefined; initial: boolean }[] = []
  const waiting: (() => void)[] = []
  return {
    events,
    push: (values: Readonly<Record<string, string>>, initial: boolean) => {
      events.push({ value: values.LifecycleState, initial })
      for (const wake of waiting.splice(0)) wake()
    },
    count: async (n: number) => {
      while (events.length < n) await new Promise<void>((resolve) => waiting.push(resolve))
      return events
    },
  }
}

describe('events over mutual TLS', () => {
  it('reach the subscriber: initial, then changes; and stop when it is closed', async () => {
    const { endpoint, base } = await start(device, ['Lifecycle'])
    const me = await start(controller, ['Enrollment'])
    endpoint.publish('Lifecycle', { LifecycleState: 'commissioning' })
    const box = inbox()
    const subscription = new Subscription({
      clock: systemClock,
      client: clientOf(controller),
      eventSubUrl: `${base}/event/Lifecycle`,
      routes: me.endpoint.routes,
      callbackBase: me.base,
      peerUdn: 'uuid:device',
      onEvent: box.push,
    })
    await subscription.start()
    closers.push(() => subscription.close())
    await box.count(1)
    endpoint.publish('Lifecycle', { LifecycleState: 'operation' })
    expect(await box.count(2)).toEqual([
      { value: 'commissioning', initial: true },
      { value: 'operation', initial: false },
    ])
  })

  it('survive a restart of the device at another port once told so', async () => {
    const first = await start(device, ['Lifecycle'])
    const me = await start(controller, ['Enrollment'])
    const box = inbox()
    const subscription = new Subscription({
      clock: systemClock,
      client: clientOf(controller),
      eventSubUrl: `${first.base}/event/Lifecycle`,
      routes: me.endpoint.routes,
      callbackBase: me.base,
      onEvent: box.push,
    })
    first.endpoint.publish('Lifecycle', { LifecycleState: 'commissioning' })
    await subscription.start()
    closers.push(() => subscription.close())
    await box.count(1)
    await first.endpoint.close()
    const second = await start(device, ['Lifecycle'])
    second.endpoint.publish('Lifecycle', { LifecycleState: 'operation' })
    subscription.resubscribe(`${second.base}/event/Lifecycle`)
    expect((await box.count(2))[1]).toEqual({ value: 'operation', initial: true })
  })

  it('go to nobody but the certificate that subscribed', async () => {
    let undelivered: () => void = () => undefined
    const given = new Promise<void>((resolve) => {
      undelivered = resolve
    })
    const { base } = await start(
      device,
      ['Lifecycle'],
      (event) => event === 'event-not-delivered' && undelivered(),
    )
    const other = await start(stranger, ['Enrollment'])
    let heard = 0
    const route = other.endpoint.onNotify(() => {
      heard++
      return 200
    })
    const answer = await clientOf(controller).request({
      url: `${base}/event/Lifecycle`,
      method: 'SUBSCRIBE',
      headers: { nt: 'upnp:event', callback: `<${other.base}${route.path}>`, timeout: 'Second-300' },
    })
    expect(answer.status).toBe(200)
    await given
    expect(heard).toBe(0)
  })

  it('refuse strangers, foreign segments and plain HTTP at SUBSCRIBE', async () => {
    const { base } = await start(device, ['Lifecycle'])
    const status = async (callback: string) =>
      (
        await clientOf(controller).request({
          url: `${base}/event/Lifecycle`,
          method: 'SUBSCRIBE',
          headers: { nt: 'upnp:event', callback },
        })
      ).status
    expect(await status('<https://203.0.113.1/x>')).toBe(412)
    expect(await status('<http://127.0.0.1:1/x>')).toBe(412)
    expect(await status('<https://127.0.0.1:1/x>')).toBe(200)
  })
})
