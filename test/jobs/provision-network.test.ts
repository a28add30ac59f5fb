import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { CODE, KEY, makeWorld, stepStates } from './provision-world'

const sent = (world: ReturnType<typeof makeWorld>) =>
  world.device.received.filter(({ action }) => action === 'ProvisionNetwork')

describe('provisioning over the network', () => {
  it('verifies, sends once, follows to the new network, and reads back', async () => {
    const world = makeWorld('network')
    const job = await world.run()
    expect(job.error).toBeUndefined()
    expect(stepStates(job)).toEqual({
      connect: 'done',
      'verify-identity': 'done',
      'send-network': 'done',
      follow: 'done',
      'read-back': 'done',
    })
    expect(sent(world)).toEqual([
      {
        action: 'ProvisionNetwork',
        args: { SetupCode: CODE, Ssid: 'Plant', Credential: KEY, SiteTrustAnchor: 'anchor' },
      },
    ])
    expect(job.steps.at(-1)?.note).toBe('commissioning, 10.20.0.9 (eth0), BOOTID 4')
    expect(world.listeners.size).toBe(0)
    // What changed is still to be told: of jobs, and of batches.
    expect(world.clock.pending).toBeLessThanOrEqual(2)
  })

  it('leaves a wired device where it is', async () => {
    const world = makeWorld('network', '')
    const job = await world.run()
    expect(job.state).toBe('done')
    expect(job.steps.at(-1)?.note).toContain('192.168.4.1')
  })

  it('sends what a person typed as the code that it stands for', async () => {
    const world = makeWorld('network')
    world.setSecret({ setupCode: ' 7k3m-9qpt ', credential: KEY })
    expect((await world.run()).state).toBe('done')
    expect(sent(world)[0]?.args.SetupCode).toBe(CODE)
  })

  it.each(['', '7K3M9QP', '7K3M9QPTX', '7K3M9QPU'])(
    'spends no try on %j, which can be no code',
    async (setupCode) => {
      const world = makeWorld('network')
      world.setSecret({ setupCode, credential: KEY })
      expect((await world.run()).error?.code).toBe('SETUP_CODE_WRONG')
      expect(sent(world)).toEqual([])
    },
  )

  it.each([
    ['not trusted', { code: 'IDENTITY_NOT_TRUSTED', detail: 'no root' }],
    ['revoked', { code: 'IDENTITY_REVOKED', detail: 'on a list' }],
    ['another device', { code: 'UDN_MISMATCH', detail: 'for uuid:…' }],
  ] as const)('sends nothing secret to a device that is %s', async (_, distrust) => {
    const world = makeWorld('network')
    world.device.distrust = distrust
    const job = await world.run()
    expect(job).toMatchObject({ state: 'failed', error: { code: distrust.code } })
    expect(world.device.received).toEqual([])
  })

  it('sends nothing to a device that shows another certificate than its factory one', async () => {
    const world = makeWorld('network')
    world.device.kind = 'LDevID'
    expect((await world.run()).error?.code).toBe('IDENTITY_NOT_TRUSTED')
    expect(world.device.received).toEqual([])
  })

  it('sends nothing when the trust is gone between verifying and sending', async () => {
    const world = makeWorld('network')
    world.runner.start()
    const { id } = world.submit()
    world.runner.on('changed', () => undefined)
    const verify = world.tools.link.verify
    let verified = 0
    Object.assign(world.tools.link, {
      verify: (...args: Parameters<typeof verify>) => {
        verified += 1
        if (verified === 2) world.device.distrust = { code: 'IDENTITY_REVOKED', detail: 'just now' }
        return verify(...args)
      },
    })
    expect((await world.pass(id)).error?.code).toBe('IDENTITY_REVOKED')
    expect(sent(world)).toEqual([])
  })

  it('refuses a device that has its network already', async () => {
    const world = makeWorld('network')
    world.device.phase = 'operation'
    expect((await world.run()).error).toMatchObject({ code: 'WRONG_PHASE', detail: 'operation' })
  })

  it.each([
    ['SETUP_CODE_WRONG', new IotmcError('SETUP_CODE_WRONG')],
    ['LOCKED_OUT', new IotmcError('LOCKED_OUT', { detail: 'try again in 60 s' })],
    ['WRONG_PHASE', new IotmcError('WRONG_PHASE', { detail: 'manufacturing' })],
    ['BUSY', new IotmcError('BUSY', { detail: 'another network is being tried' })],
  ])('%s from the device ends the job, with nothing else tried', async (code, refusal) => {
    const world = makeWorld('network')
    world.device.refusal = refusal
    const job = await world.run()
    expect(job.error?.code).toBe(code)
    if (refusal.detail) expect(job.error?.detail).toBe(refusal.detail)
    expect(sent(world)).toHaveLength(1)
    expect(stepStates(job)).toMatchObject({ 'send-network': 'failed', follow: 'pending' })
  })

  it.each([
    ['failed:not-found', 'does not find'],
    ['failed:refused', 'refused the credential'],
    ['failed:no-address', 'no address'],
  ] as const)('%s is told in the words of the device as soon as it is back', async (outcome, words) => {
    const world = makeWorld('network')
    world.device.outcome = outcome
    const startMs = world.clock.now()
    const job = await world.run()
    expect(job.error?.code).toBe('NETWORK_NOT_JOINED')
    expect(job.error?.detail).toContain(words)
    expect(world.clock.now() - startMs).toBeLessThan(15_000)
    expect(stepStates(job)).toMatchObject({ 'send-network': 'done', follow: 'failed' })
  })

  it('gives a device up that is heard nowhere in two minutes, having searched all the time', async () => {
    const world = makeWorld('network')
    world.device.sharesNetwork = false
    const job = await world.run()
    expect(job.error).toMatchObject({ code: 'NETWORK_NOT_JOINED', detail: expect.stringContaining('120 s') })
    expect(world.counts.searches).toBeGreaterThan(20)
    expect(world.listeners.size).toBe(0)
  })

  it('waits for a device that is not heard yet, and can be cancelled meanwhile', async () => {
    const world = makeWorld('network')
    world.device.online = false
    world.runner.start()
    const { id } = world.submit()
    await world.pass(id, ({ state }) => state === 'waiting')
    world.runner.cancel([id])
    expect((await world.pass(id)).state).toBe('cancelled')
    expect(world.listeners.size).toBe(0)
    world.runner.retry([id])
    await world.pass(id, ({ state }) => state === 'waiting')
    world.device.online = true
    world.tell()
    expect((await world.pass(id)).state).toBe('done')
  })

  it('finds out by itself that a request whose answer was lost was taken', async () => {
    const world = makeWorld('network')
    world.device.losesAnswer = true
    expect((await world.run()).state).toBe('done')
    expect(sent(world)).toHaveLength(1)
  })

  it('says that it is not known when the answer was lost and the device knows nothing of a network', async () => {
    const world = makeWorld('network')
    world.device.refusal = new IotmcError('TIMED_OUT')
    const job = await world.run()
    expect(job.error?.code).toBe('TIMED_OUT')
    expect(stepStates(job)).toMatchObject({ 'send-network': 'failed' })
  })

  it('follows a device of an earlier profile, which knows no status', async () => {
    const world = makeWorld('network')
    world.device.knowsStatusAction = false
    expect((await world.run()).state).toBe('done')
  })

  it('is not done while the device does not know this site', async () => {
    const world = makeWorld('network')
    world.device.knowsSite = false
    const job = await world.run()
    expect(job.error).toMatchObject({ code: 'READ_BACK_DIFFERS', detail: 'it does not know this site' })
  })

  it('is not done when another factory certificate answers on the new network', async () => {
    const world = makeWorld('network')
    world.runner.start()
    const { id } = world.submit()
    await world.pass(id, (job) => stepStates(job).follow === 'running')
    world.device.leaf = Buffer.from('another certificate')
    const job = await world.pass(id)
    expect(job.error?.code).toBe('READ_BACK_DIFFERS')
  })

  it('is done when the device was enrolled before it could be read back', async () => {
    const world = makeWorld('network')
    world.runner.start()
    const { id } = world.submit()
    await world.pass(id, (job) => stepStates(job).follow === 'running')
    world.device.kind = 'LDevID'
    world.device.leaf = Buffer.from('a certificate of the site')
    expect((await world.pass(id)).state).toBe('done')
  })
})
