import { describe, expect, it, vi } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { CALLS, type Status } from '../../electron/contract/ipc'
import { dispatch, type Handlers } from '../../electron/ipc/dispatch'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'

const call = (handlers: Partial<Handlers>, name: unknown, request?: unknown, log = keepingLog()) =>
  dispatch(async () => handlers as Handlers, name, request, log)

const status: Status = {
  stage: 'ready',
  practice: false,
  station: false,
  osKeyStore: false,
  siteName: 'S',
  technician: 'T',
  listening: [],
  version: '1',
}

describe('a call from the page', () => {
  it('is answered inside {ok, value}', async () => {
    expect(await call({ 'app.status': () => status }, 'app.status')).toEqual({ ok: true, value: status })
  })

  it.each([['nothing.such'], ['__proto__'], ['constructor'], [7], [undefined], [['app.status']]])(
    'is refused under the name %j',
    async (name) => {
      expect(await call({}, name)).toEqual({
        ok: false,
        error: { code: 'REQUEST_REFUSED', detail: 'unknown call' },
      })
    },
  )

  it.each([
    ['devices.identify', { udn: 'uuid:nonsense', seconds: 5 }],
    ['devices.identify', { udn: udnOf(1), seconds: 0 }],
    ['devices.identify', undefined],
    ['jobs.commission', { udns: [], group: 'G', approval: 'ask' }],
    ['jobs.commission', { udns: [udnOf(1)], group: 'G', approval: 'sure' }],
    ['app.status', { unexpected: true }],
    ['settings.set', { jobConcurrency: 1000 }],
    ['trust.add', { pem: 'x'.repeat(200_001) }],
  ])('to %s with a payload that does not fit never reaches its handler', async (name, request) => {
    const handler = vi.fn()
    const result = await call({ [name]: handler }, name, request)
    expect(result).toMatchObject({ ok: false, error: { code: 'REQUEST_REFUSED', subject: name } })
    expect(handler).not.toHaveBeenCalled()
  })

  it('reaches its handler without what the schema does not list', async () => {
    const handler = vi.fn(() => undefined)
    await call({ 'devices.identify': handler }, 'devices.identify', { udn: udnOf(1), seconds: 5, extra: 1 })
    expect(handler).toHaveBeenCalledWith({ udn: udnOf(1), seconds: 5 })
  })

  it('answers with nothing that the contract does not list', async () => {
    const result = await call({ 'app.status': () => ({ ...status, keyPem: 'secret' }) }, 'app.status')
    expect(result).toEqual({ ok: true, value: status })
  })

  it('that fails for a known cause says code, subject and detail', async () => {
    const fails = () => {
      throw new IotmcError('DEVICE_OFFLINE', { subject: udnOf(1), detail: 'byebye', cause: new Error('x') })
    }
    expect(await call({ 'devices.search': fails }, 'devices.search')).toEqual({
      ok: false,
      error: { code: 'DEVICE_OFFLINE', subject: udnOf(1), detail: 'byebye' },
    })
  })

  it('that fails by a defect is logged and tells the page nothing of the inside', async () => {
    const log = keepingLog()
    const fails = async () => {
      throw new TypeError('cannot read /home/someone/vault')
    }
    const result = await call({ 'devices.search': fails }, 'devices.search', undefined, log)
    expect(result).toEqual({ ok: false, error: { code: 'DEFECT' } })
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toMatchObject({ level: 'error', fields: { call: 'devices.search' } })
  })

  it('whose answer breaks the contract is a defect', async () => {
    const wrong = () => ({ ...status, stage: 'other' }) as never
    expect(await call({ 'app.status': wrong }, 'app.status')).toEqual({
      ok: false,
      error: { code: 'DEFECT' },
    })
  })

  it('says why where there is no controller', async () => {
    const none = () => Promise.reject(new IotmcError('DATA_IN_USE', { subject: '/data' }))
    expect(await dispatch(none, 'app.status', undefined, keepingLog())).toEqual({
      ok: false,
      error: { code: 'DATA_IN_USE', subject: '/data' },
    })
  })

  it('never has its payload in the log', async () => {
    const log = keepingLog()
    const fails = () => {
      throw new IotmcError('PASSPHRASE_WRONG')
    }
    await call({ 'app.unlock': fails }, 'app.unlock', { passphrase: 'correct horse' }, log)
    await call({}, 'app.unlock', { passphrase: ['correct horse'] }, log)
    expect(JSON.stringify(log.lines)).not.toContain('horse')
    expect(log.lines).toHaveLength(2)
  })
})

it('every call has a request and an answer schema', () => {
  for (const [name, { request, answer }] of Object.entries(CALLS)) {
    expect(typeof request.safeParse, name).toBe('function')
    expect(typeof answer.safeParse, name).toBe('function')
  }
})
