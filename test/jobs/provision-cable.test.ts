import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { lookSerial } from '../../electron/jobs/provision'
import { KEY, makeWorld, PORT, stepStates, UDN } from './provision-world'

const never = new AbortController().signal

describe('provisioning over the cable', () => {
  it('verifies, sends once without a setup code, hears the device on its network, and reads back', async () => {
    const world = makeWorld('serial')
    const job = await world.run()
    expect(job.error).toBeUndefined()
    expect(Object.values(stepStates(job))).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect(world.device.received.filter(({ action }) => action === 'network')).toEqual([
      { action: 'network', args: { ssid: 'Plant', credential: KEY, anchorPem: 'anchor' } },
    ])
    expect(job.steps.find(({ name }) => name === 'connect')?.note).toBe('PX-200 PX200-00007')
    expect(job.steps.at(-1)?.note).toBe('commissioning, 10.20.0.9 (eth0), BOOTID 4')
  })

  it('sends nothing to a device that is leaving the site, whatever port it is at', async () => {
    const world = makeWorld('serial')
    world.device.requireFree = ({ udn, serialNumber }) => {
      if (udn === UDN && serialNumber === 'PX200-00007') throw new IotmcError('FROZEN', { subject: udn })
    }
    const job = await world.run()
    expect(job.error).toMatchObject({ code: 'FROZEN', subject: UDN })
    expect(stepStates(job).connect).toBe('failed')
    expect(world.device.received).toEqual([])
  })

  it('holds one session for the whole run, and closes it', async () => {
    const world = makeWorld('serial')
    await world.run()
    expect(world.counts).toMatchObject({ opened: 1, closed: 1 })
  })

  it('says honestly that this laptop does not hear the network, and takes the word over the cable', async () => {
    const world = makeWorld('serial')
    world.device.sharesNetwork = false
    const job = await world.run()
    expect(job.state).toBe('done')
    expect(stepStates(job)).toMatchObject({ follow: 'skipped', 'read-back': 'done' })
    expect(job.steps.find(({ name }) => name === 'follow')?.note).toContain('does not hear it')
    expect(job.steps.at(-1)?.note).toBe('commissioning, read over the cable')
    expect(world.listeners.size).toBe(0)
  })

  it.each(['failed:not-found', 'failed:refused'] as const)(
    'tells %s in the words of the device',
    async (outcome) => {
      const world = makeWorld('serial')
      world.device.outcome = outcome
      expect((await world.run()).error).toMatchObject({ code: 'NETWORK_NOT_JOINED', subject: UDN })
    },
  )

  it('gives a device up that stays in provisioning and does not say why', async () => {
    const world = makeWorld('serial')
    world.device.knowsStatusAction = false
    world.device.outcome = 'failed:refused'
    const job = await world.run()
    expect(job.error).toMatchObject({
      code: 'NETWORK_NOT_JOINED',
      detail: 'still in provisioning after 120 s',
    })
  })

  it.each([
    ['a blank device', { locked: false, phase: 'manufacturing' }, 'WRONG_PHASE', 'connect'],
    ['a device with a network', { phase: 'operation' }, 'WRONG_PHASE', 'verify-identity'],
    ['a copied certificate', { provenWrong: true }, 'SELF_TEST_FAILED', 'verify-identity'],
    [
      'an unknown factory',
      { distrust: { code: 'IDENTITY_NOT_TRUSTED', detail: 'no root' } },
      'IDENTITY_NOT_TRUSTED',
      'verify-identity',
    ],
  ] as const)('sends nothing to %s', async (_, change, code, step) => {
    const world = makeWorld('serial')
    Object.assign(world.device, change)
    const job = await world.run()
    expect(job.error?.code).toBe(code)
    expect(stepStates(job)[step]).toBe('failed')
    expect(world.device.received).toEqual([])
    expect(world.counts.closed).toBe(world.counts.opened)
  })

  it('notices that another device was plugged in after it was verified', async () => {
    const world = makeWorld('serial')
    world.runner.start()
    const { id } = world.submit()
    await world.pass(id, (job) => stepStates(job).follow === 'running')
    Object.assign(world.device, { leaf: Buffer.from('another'), serialNumber: 'PX200-00008' })
    const job = await world.pass(id)
    expect(job.error).toMatchObject({ code: 'OTHER_DEVICE', detail: 'PX200-00008 is connected now' })
  })

  it('unplugged, fails at once, and retried goes on with the same device', async () => {
    const world = makeWorld('serial')
    world.device.refusal = new IotmcError('SERIAL_UNPLUGGED', { subject: PORT })
    const job = await world.run()
    expect(job.error?.code).toBe('SERIAL_UNPLUGGED')
    world.device.refusal = undefined
    world.runner.retry([job.id])
    expect((await world.pass(job.id)).state).toBe('done')
    expect(world.counts).toMatchObject({ opened: 2, closed: 2 })
  })

  it('a device whose port is gone for a moment while it restarts is asked again', async () => {
    const world = makeWorld('serial')
    const { openSerial } = world.tools
    let plugged = true
    const ends: (() => Promise<void>)[] = []
    Object.assign(world.tools, {
      openSerial: async (...args: Parameters<typeof openSerial>) => {
        if (!plugged) throw new IotmcError('SERIAL_PORT_MISSING', { subject: PORT })
        const device = await openSerial(...args)
        ends.push(() => device.session.close())
        return device
      },
    })
    world.runner.start()
    const { id } = world.submit()
    await world.pass(id, (job) => stepStates(job).follow === 'running')
    plugged = false
    await ends[0]?.()
    world.clock.setTimer(() => {
      plugged = true
    }, 5_000)
    expect((await world.pass(id)).state).toBe('done')
    expect(ends).toHaveLength(2)
  })

  it('a device whose port stays away is given up soon, by the name of what happened', async () => {
    const world = makeWorld('serial')
    const { openSerial } = world.tools
    const opened: Awaited<ReturnType<typeof openSerial>>[] = []
    Object.assign(world.tools, {
      openSerial: async (...args: Parameters<typeof openSerial>) => {
        if (opened.length > 0) throw new IotmcError('SERIAL_PORT_MISSING', { subject: PORT })
        opened.push(await openSerial(...args))
        return opened[0]
      },
    })
    world.runner.start()
    const { id } = world.submit()
    await world.pass(id, (job) => stepStates(job).follow === 'running')
    await opened[0]?.session.close()
    const startMs = world.clock.now()
    expect((await world.pass(id)).error?.code).toBe('SERIAL_UNPLUGGED')
    expect(world.clock.now() - startMs).toBeLessThan(15_000)
  })

  it('has the identity proven again right before the credential is sent', async () => {
    const world = makeWorld('serial')
    const { openSerial } = world.tools
    let challenges = 0
    Object.assign(world.tools, {
      openSerial: async (...args: Parameters<typeof openSerial>) => {
        const device = await openSerial(...args)
        const challenge = async () => {
          challenges += 1
          // Something else is on the cable now, and says that it is the device.
          if (challenges === 2) throw new IotmcError('SELF_TEST_FAILED')
        }
        return { ...device, challenge }
      },
    })
    expect((await world.run()).error?.code).toBe('SELF_TEST_FAILED')
    expect(world.device.received).toEqual([])
  })

  it('a port that is missing fails with its cause', async () => {
    const world = makeWorld('serial')
    const missing = new IotmcError('SERIAL_PORT_MISSING', { subject: PORT })
    Object.assign(world.tools, { openSerial: () => Promise.reject(missing) })
    expect((await world.run()).error).toMatchObject({ code: 'SERIAL_PORT_MISSING', subject: PORT })
  })
})

describe('looking at what is connected', () => {
  it('says who it is and whether that is proven, and lets go of the port', async () => {
    const world = makeWorld('serial')
    const seen = await lookSerial(world.tools, PORT, never)
    expect(seen).toMatchObject({
      path: PORT,
      model: 'PX-200',
      udn: UDN,
      phase: 'provisioning',
      locked: true,
      check: { udn: UDN, trusted: true, kind: 'IDevID', phase: 'provisioning' },
    })
    expect(world.counts).toMatchObject({ opened: 1, closed: 1 })
  })

  it.each([
    [
      'not trusted',
      { distrust: { code: 'IDENTITY_NOT_TRUSTED', detail: 'no root' } },
      'IDENTITY_NOT_TRUSTED',
    ],
    ['a copy', { provenWrong: true }, 'SELF_TEST_FAILED'],
  ] as const)('shows a device that is %s with its reason', async (_, change, code) => {
    const world = makeWorld('serial')
    Object.assign(world.device, change)
    expect((await lookSerial(world.tools, PORT, never)).check).toMatchObject({ trusted: false, code })
  })

  it('shows a blank device without a check', async () => {
    const world = makeWorld('serial')
    Object.assign(world.device, { locked: false, phase: 'manufacturing' })
    const seen = await lookSerial(world.tools, PORT, never)
    expect(seen).not.toHaveProperty('check')
    expect(seen.phase).toBe('manufacturing')
  })

  it('lets go of the port when the device stops answering', async () => {
    const world = makeWorld('serial')
    const { openSerial } = world.tools
    Object.assign(world.tools, {
      openSerial: async (...args: Parameters<typeof openSerial>) => {
        const device = await openSerial(...args)
        return { ...device, info: () => Promise.reject(new IotmcError('TIMED_OUT')) }
      },
    })
    await expect(lookSerial(world.tools, PORT, never)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(world.counts.closed).toBe(1)
  })
})
