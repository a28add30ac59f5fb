/** The device process at the end of a serial cable: its way through the factory, killed at every point of it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { splitDer } from '../../electron/device/der'
import type { FaultName } from '../../electron/device/faults'
import { KeyFiles } from '../../electron/device/key-files'
import { FactoryDevice } from '../../electron/factory/factory-device'
import type { Authority } from '../../electron/identity/authority'
import { derBlocks, toPem } from '../../electron/identity/pem'
import { systemClock } from '../../electron/net/clock'
import type { Command } from '../../electron/serial/command'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { openLink } from '../../electron/serial/link'
import { SmpSession } from '../../electron/serial/smp-session'
import { issue, SUBJECT } from '../helpers/bench-device'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeAuthorityBelow, makeClient, makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type PtyPair, startPtyPair } from '../helpers/pty'

let factory: Authority
let cable: PtyPair
let state = ''
let session: SmpSession | undefined

beforeAll(async () => {
  requirePrivateNetwork()
  factory = (await makeAuthorityBelow('Station')).authority
})
beforeEach(async () => {
  state = makeFolder('device')
  cable = await startPtyPair(makeFolder('cable'))
})
afterEach(async () => {
  await session?.close()
  session = undefined
  await killDevices()
  await cable.stop()
})

const start = (...extra: string[]): Promise<DeviceProcess> =>
  startDevice([
    ...['--state', state, '--serial-port', cable.device, '--anchor', join(state, 'none')],
    ...extra,
  ])
const startBlank = (...extra: string[]) => start('--phase', 'manufacturing', '--model', 'PX-200', ...extra)
const withFaults = (...faults: FaultName[]) => faults.flatMap((fault) => ['--fault', fault])

const connect = async (): Promise<SmpSession> => {
  await session?.close()
  session = await SmpSession.open(await openLink(cable.station), { clock: systemClock })
  return session
}

const { info, keygen, certificate, lock, label, network } = iotmcCommands

/** Gives up after one try: a device that was killed in mid-command never answers. */
const once = <Q, A>(command: Command<Q, A>, request: Q): Promise<A | undefined> =>
  (session as SmpSession).request(command, request, { retries: 0 }).catch(() => undefined)

const install = async (chain: Buffer): Promise<Buffer | undefined> => {
  const first = { len: chain.length, sha: createHash('sha256').update(chain).digest() }
  for (let off = 0; off <= chain.length; ) {
    const data = chain.subarray(off, off + 400)
    const answer = await once(certificate, { off, data, ...(off === 0 ? first : {}) })
    if (!answer) return undefined
    if (answer.sha256) return Buffer.from(answer.sha256)
    off = answer.off
  }
  return undefined
}

describe('a device on the factory line', () => {
  it('becomes a device by cable, and answers on its network from then on', async () => {
    const device = await startBlank('--interface', 'lo')
    const ready = await device.ready
    expect(ready).toMatchObject({
      event: 'ready',
      phase: 'manufacturing',
      model: 'PX-200',
      serialPort: cable.device,
    })
    expect(ready.udn).toBeUndefined()
    await connect()
    const { csr } = (await once(keygen, { curve: 'P-256', ...SUBJECT })) ?? { csr: Buffer.alloc(0) }
    const chain = await issue(factory, Buffer.from(csr))
    expect(await install(chain)).toBeDefined()
    expect(await once(lock, {})).toEqual({ phase: 'provisioning' })
    const locked = await device.locked()
    expect(locked).toMatchObject({ ...named, hardwareId: ready.hardwareId, phase: 'provisioning' })
    expect(await once(label, {})).toEqual({ ...SUBJECT, setupCode: locked.setupCode })

    const site = await makeAuthority('Site')
    const controller = new ControllerDouble({
      site,
      identity: await makeClient(site, 'Admin'),
      factoryRoot: () => factory.certificatePem,
    })
    const [anchor = Buffer.alloc(0)] = derBlocks(site.certificatePem, 'CERTIFICATE')
    expect(await once(network, { ssid: '', credential: '', anchor })).toEqual({ phase: 'commissioning' })
    const found = await controller.call(locked.secureLocation, 'Lifecycle', 'GetLifecycleState')
    expect(found).toMatchObject({ DeviceUDN: SUBJECT.udn, LifecycleState: 'commissioning' })

    await device.kill()
    const again = await start('--interface', 'lo')
    expect(await again.ready).toMatchObject({
      ...named,
      phase: 'commissioning',
      hardwareId: ready.hardwareId,
    })
    await connect()
    expect(await once(info, {})).toMatchObject({ ...SUBJECT, phase: 'commissioning', locked: true })
  })

  it('leaves its key readable nowhere on its disk', async () => {
    const device = await startBlank()
    await device.ready
    await connect()
    const { csr } = (await once(keygen, { curve: 'P-256', ...SUBJECT })) ?? { csr: Buffer.alloc(0) }
    await install(await issue(factory, Buffer.from(csr)))
    await once(lock, {})
    await device.locked()
    const { keyPem } = new KeyFiles(state).idevid()
    const secret = keyPem.split('\n')[1] ?? ''
    expect(secret).toHaveLength(64)
    const der = Buffer.from(secret, 'base64')
    for (const file of readdirSync(state, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const { name } = file
      const bytes = readFileSync(join(file.parentPath, name))
      expect([name, bytes.includes(secret), bytes.includes(der), bytes.includes('PRIVATE KEY')]).toEqual([
        name,
        ...[false, false, false],
      ])
    }
    expect(device.stderr() + device.stdout()).not.toContain(secret)
  })

  it('gets through it on a bad wire', async () => {
    const placed = ['--fault', 'bad-crc@read-cert', '--fault', 'unplug@lock']
    const device = await startBlank(...withFaults('garbage', 'reboot-during-cert'), ...placed)
    await device.ready
    const line = new FactoryDevice(await connect())
    const chain = await issue(factory, await line.keygen(SUBJECT))
    await line.install(chainPem(chain))
    expect(Buffer.concat(await line.readChain())).toEqual(chain)
    await line.challenge(splitDer(chain)?.[0] ?? chain, SUBJECT.udn)
    await line.lock()
    const fired = device.logs.filter(({ event }) => event === 'fault').map(({ name }) => name)
    expect(fired).toEqual(['reboot-during-cert', 'unplug'])
    expect(session?.traffic.damaged).toBeGreaterThan(0)
  })

  it('needs a cable', async () => {
    const device = await startDevice(['--state', state, '--phase', 'manufacturing'])
    expect(await device.ended).toBe(2)
    expect(device.stderr()).toContain('--serial-port')
    await (await startBlank()).ready
    await killDevices()
    const bare = await startDevice(['--state', state])
    expect(await bare.ended).toBe(2)
    expect(bare.stderr()).toContain('--serial-port is needed')
  })

  it('is there again when its cable was pulled and plugged in', async () => {
    const device = await startBlank()
    await device.ready
    await connect()
    const before = await once(keygen, { curve: 'P-256', ...SUBJECT })
    await cable.unplug()
    await device.log(({ event }) => event === 'serial-missing')
    await cable.replug()
    await connect()
    expect(await once(keygen, { curve: 'P-256', ...SUBJECT })).toEqual(before)
  })

  it('waits for a port that is not there yet', async () => {
    await cable.unplug()
    const device = await startBlank()
    await device.ready
    await cable.replug()
    await connect()
    expect(await once(info, {})).toMatchObject({ phase: 'manufacturing' })
  })
})

const chainPem = (chain: Buffer): string =>
  (splitDer(chain) ?? []).map((der) => toPem('CERTIFICATE', der)).join('')

const named = { udn: SUBJECT.udn, serial: SUBJECT.serialNumber }

/** Every point at which the process is killed. */
const DEATHS: readonly FaultName[] = [
  ...(['die-before-keygen', 'die-during-keygen', 'die-after-keygen'] as const),
  ...(['die-before-cert', 'die-after-cert'] as const),
  ...(['die-before-lock', 'die-during-lock', 'die-after-lock'] as const),
]

describe('a device that is killed in mid-command', () => {
  it('goes on with the same command and the same answers, whatever the point', async () => {
    const deaths: string[] = []
    let device = await startBlank(...withFaults(...DEATHS))
    await device.ready
    const requests = new Set<string>()
    /** Asks until a device lives through it, plugging in the dead one's power each time. */
    const insist = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
      for (let tries = 0; tries < DEATHS.length + 1; tries += 1) {
        await connect()
        const answer = await Promise.race([ask(), device.ended.then(() => undefined)])
        if (answer !== undefined) return answer
        expect(await device.ended).toBe('SIGKILL')
        deaths.push(...device.logs.filter(({ event }) => event === 'fault').map(({ name }) => String(name)))
        device = await startBlank(...withFaults(...DEATHS))
        await device.ready
      }
      throw new Error('it never lives')
    }
    const { csr } = await insist(() => once(keygen, { curve: 'P-256', ...SUBJECT }))
    requests.add(Buffer.from(csr).toString('hex'))
    const chain = await issue(factory, Buffer.from(csr))
    await insist(() => install(chain))
    requests.add(
      Buffer.from((await insist(() => once(keygen, { curve: 'P-256', ...SUBJECT }))).csr).toString('hex'),
    )
    await insist(() => once(lock, {}))
    const facts = await insist(() => once(info, {}))
    expect(facts).toMatchObject({ ...SUBJECT, phase: 'provisioning', locked: true })
    expect(Buffer.from(facts.certificate ?? []).toString('hex')).toBe(
      createHash('sha256')
        .update(derBlocks(new KeyFiles(state).idevidChain(), 'CERTIFICATE')[0] ?? '')
        .digest('hex'),
    )
    expect(requests.size).toBe(1)
    expect(deaths).toEqual(DEATHS)
  })

  it('is made whole after kills at any moment of its writing', async () => {
    const requests = new Set<string>()
    let chain: Buffer | undefined
    /** The whole way, as far as the device lives. */
    const walk = async (): Promise<boolean> => {
      await connect()
      if (!(await once(info, {}))?.locked) {
        const made = await once(keygen, { curve: 'P-256', ...SUBJECT })
        if (!made) return false
        requests.add(Buffer.from(made.csr).toString('hex'))
        chain ??= await issue(factory, Buffer.from(made.csr))
        if (!(await install(chain)) || !(await once(lock, {}))) return false
      }
      return (await once(label, {})) !== undefined
    }
    let kills = 0
    for (let done = false; !done; ) {
      const device = await startBlank()
      await device.ready
      let seen = 0
      const watcher = watch(state, () => {
        seen += 1
        if (seen === 1 + kills * 4) device.child.kill('SIGKILL')
      })
      done = await Promise.race([walk().catch(() => false), device.ended.then(() => false)])
      watcher.close()
      await device.kill()
      kills += 1
    }
    expect(kills).toBeGreaterThan(3)
    expect(requests.size).toBe(1)
    const last = await startBlank()
    const { setupCode, ...ready } = await last.ready
    expect(ready).toMatchObject({ ...named, phase: 'provisioning' })
    await connect()
    expect(await once(label, {})).toEqual({ ...SUBJECT, setupCode })
  })
})
