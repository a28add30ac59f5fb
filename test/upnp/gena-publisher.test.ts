import { beforeEach, describe, expect, it } from 'vitest'
import { decodePropertySet } from '../../electron/upnp/gena-message'
import { type Delivery, onSameSegment, Publisher, type Subscriber } from '../../electron/upnp/gena-publisher'
import { VirtualClock } from '../helpers/virtual-clock'

const admin: Subscriber = {
  remoteAddress: '10.0.0.2',
  role: 'Admin',
  udn: 'uuid:a',
  fingerprint: 'aa',
  chainDer: [],
}
const NEW = { nt: 'upnp:event', callback: '<https://10.0.0.2:5/n>', timeout: 'Second-300' }

let clock: VirtualClock
let sent: { seq: number; values: Record<string, string>; url: string }[]
let status: number
let release: (() => void) | undefined
let publisher: Publisher

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

beforeEach(() => {
  clock = new VirtualClock()
  sent = []
  status = 200
  release = undefined
  publisher = new Publisher({
    clock,
    services: ['Lifecycle', 'Configuration', 'Diagnostics', 'Enrollment'],
    sameSegment: (host, remote) => host === remote || host === '10.0.0.3',
    send: async (delivery: Delivery) => {
      sent.push({
        seq: Number(delivery.headers.seq),
        values: decodePropertySet(Buffer.from(delivery.body)),
        url: delivery.url,
      })
      if (release) await new Promise<void>((resolve) => (release = resolve))
      return status
    },
  })
  publisher.publish('Lifecycle', { LifecycleState: 'operation' })
})

const subscribe = (
  headers: Record<string, string> = NEW,
  who = admin,
  service: 'Lifecycle' | 'Diagnostics' = 'Lifecycle',
) => {
  const answer = publisher.subscribe(service, headers, who)
  answer.begin?.()
  return { ...answer, sid: answer.headers?.sid ?? '' }
}

describe('SUBSCRIBE', () => {
  it('is granted, and the initial event with key 0 comes after the answer', async () => {
    const answer = publisher.subscribe('Lifecycle', NEW, admin)
    expect(answer).toMatchObject({ status: 200, headers: { timeout: 'Second-300' } })
    expect(answer.headers?.sid).toMatch(/^uuid:/)
    publisher.publish('Lifecycle', { LifecycleState: 'maintenance' })
    expect(sent).toEqual([])
    answer.begin?.()
    await settle()
    expect(sent).toEqual([{ seq: 0, values: { LifecycleState: 'maintenance' }, url: 'https://10.0.0.2:5/n' }])
  })

  it.each([
    ['no NT', { callback: NEW.callback }, 412],
    ['another NT', { ...NEW, nt: 'upnp:other' }, 412],
    ['no CALLBACK', { nt: NEW.nt }, 412],
    ['a bad CALLBACK', { ...NEW, callback: 'https://10.0.0.2/' }, 412],
    ['plain HTTP', { ...NEW, callback: '<http://10.0.0.2/>' }, 412],
    ['a host name', { ...NEW, callback: '<https://localhost/>' }, 412],
    ['a CALLBACK on another segment (CallStranger)', { ...NEW, callback: '<https://8.8.8.8/>' }, 412],
    ['SID and NT', { sid: 'uuid:1', nt: NEW.nt }, 400],
    ['SID and CALLBACK', { sid: 'uuid:1', callback: NEW.callback }, 400],
    ['an unknown SID', { sid: 'uuid:1' }, 412],
  ])('with %s is refused', (_name, headers, expected) => {
    expect(subscribe(headers as Record<string, string>).status).toBe(expected)
    expect(publisher.size).toBe(0)
  })

  it('uses the callbacks that are allowed', async () => {
    subscribe({ ...NEW, callback: '<https://8.8.8.8/><https://10.0.0.3/n>' })
    await settle()
    expect(sent.map((each) => each.url)).toEqual(['https://10.0.0.3/n'])
  })

  it('needs the role of the variables', () => {
    const nobody = { ...admin, role: 'Public' as const }
    expect(subscribe(NEW, nobody).status).toBe(200)
    expect(subscribe(NEW, nobody, 'Diagnostics').status).toBe(403)
    expect(publisher.subscribe('Enrollment', NEW, admin).status).toBe(403)
  })

  it('holds one place per callback and at most 64 in all', () => {
    for (let i = 0; i < 3; i++) expect(subscribe().status).toBe(200)
    expect(publisher.size).toBe(1)
    for (let i = 0; i < 63; i++)
      expect(subscribe({ ...NEW, callback: `<https://10.0.0.2:5/${i}>` }).status).toBe(200)
    expect(subscribe({ ...NEW, callback: '<https://10.0.0.2:5/x>' }).status).toBe(503)
    expect(publisher.size).toBe(64)
  })
})

describe('a subscription', () => {
  it('ends when it is not renewed and lives on when it is', async () => {
    const { sid } = subscribe()
    clock.advance(250_000)
    expect(subscribe({ sid, timeout: 'Second-600' })).toMatchObject({
      status: 200,
      headers: { sid, timeout: 'Second-600' },
    })
    clock.advance(599_000)
    expect(publisher.size).toBe(1)
    clock.advance(1_000)
    expect(publisher.size).toBe(0)
    expect(subscribe({ sid }).status).toBe(412)
  })

  it('belongs to the certificate that made it', () => {
    const { sid } = subscribe()
    const other = { ...admin, fingerprint: 'bb' }
    expect(subscribe({ sid }, other).status).toBe(412)
    expect(publisher.unsubscribe('Lifecycle', { sid }, other)).toBe(412)
    expect(publisher.unsubscribe('Configuration', { sid }, admin)).toBe(412)
    publisher.dropWhere((who) => who.fingerprint === 'aa')
    expect(publisher.size).toBe(0)
  })

  it('is ended by UNSUBSCRIBE', () => {
    const { sid } = subscribe()
    expect(publisher.unsubscribe('Lifecycle', { sid, nt: 'upnp:event' }, admin)).toBe(400)
    expect(publisher.unsubscribe('Lifecycle', {}, admin)).toBe(412)
    expect(publisher.unsubscribe('Lifecycle', { sid }, admin)).toBe(200)
    expect(publisher.unsubscribe('Lifecycle', { sid }, admin)).toBe(412)
  })

  it('ends when the subscriber knows nothing of it, not when it is unreachable', async () => {
    subscribe()
    status = 0
    publisher.publish('Lifecycle', { LifecycleState: 'maintenance' })
    await settle()
    expect(publisher.size).toBe(1)
    status = 412
    publisher.publish('Lifecycle', { LifecycleState: 'operation' })
    await settle()
    expect(publisher.size).toBe(0)
  })
})

describe('events', () => {
  it('carry what changed, with rising keys', async () => {
    subscribe()
    publisher.publish('Lifecycle', { LifecycleState: 'operation' })
    publisher.publish('Lifecycle', { LifecycleState: 'maintenance' })
    await settle()
    expect(sent.map(({ seq, values }) => [seq, values.LifecycleState])).toEqual([
      [0, 'operation'],
      [1, 'maintenance'],
    ])
  })

  it('queue up for a slow subscriber within bounds, the latest value always among them', async () => {
    release = () => undefined
    subscribe()
    for (let i = 0; i < 1000; i++)
      publisher.publish('Lifecycle', { LifecycleState: i % 2 ? 'operation' : 'maintenance' })
    publisher.publish('Lifecycle', { LifecycleState: 'decommissioning' })
    for (let i = 0; i < 40; i++) {
      release()
      await settle()
    }
    expect(sent).toHaveLength(17)
    expect(sent.at(-1)).toMatchObject({ seq: 16, values: { LifecycleState: 'decommissioning' } })
  })

  it('are moderated where the description says so', async () => {
    subscribe(NEW, admin, 'Diagnostics')
    for (const value of ['1', '2', '3']) publisher.publish('Diagnostics', { Health: value })
    await settle()
    expect(sent.map((each) => each.values)).toEqual([{}, { Health: '1' }])
    clock.advance(999)
    expect(sent).toHaveLength(2)
    clock.advance(1)
    await settle()
    expect(sent.at(-1)?.values).toEqual({ Health: '3' })
    publisher.close()
  })

  it('are for evented variables only', () => {
    expect(() => publisher.publish('Lifecycle', { A_ARG_TYPE_Label: 'x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGS' }),
    )
    expect(() => publisher.publish('Firmware', { UpdateState: 'idle' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGS' }),
    )
  })
})

describe('the same segment', () => {
  it('is the same address or a subnet of this machine', () => {
    expect(onSameSegment('203.0.113.9', '203.0.113.9')).toBe(true)
    expect(onSameSegment('203.0.113.9', '::ffff:203.0.113.9')).toBe(true)
    expect(onSameSegment('127.0.0.2', '127.0.0.1')).toBe(true)
    expect(onSameSegment('203.0.113.9', '127.0.0.1')).toBe(false)
  })
})
