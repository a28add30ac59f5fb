/** Each fault of the serial side does what its sentence says, and a patient station gets over those that are not for good. */
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import type { FaultName } from '../../electron/device/faults'
import { SLOW_CABLE_MS } from '../../electron/device/faults'
import type { Authority } from '../../electron/identity/authority'
import { checkRequest } from '../../electron/identity/request'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { osCommands } from '../../electron/serial/os-group'
import { SmpSession } from '../../electron/serial/smp-session'
import { BenchDevice, issue, SUBJECT, stopBenches, withPowerCut } from '../helpers/bench-device'
import { makeAuthority } from '../helpers/device-site'

let factory: Authority
beforeAll(async () => {
  factory = await makeAuthority('Factory')
})
afterEach(stopBenches)

const { info, challenge, certificate, keygen } = iotmcCommands

const code = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
    return 'fine'
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

describe('fault', () => {
  it.each<FaultName[]>([['silent-drop'], ['bad-crc'], ['drop-fragment'], ['garbage'], ['slow']])(
    '%s is got over by asking again',
    async (fault) => {
      const device = new BenchDevice({ faults: [fault] })
      const session = await device.open()
      await device.make(session, factory)
      expect(await device.ask(session, info, {})).toMatchObject({ locked: true, ...SUBJECT })
    },
  )

  it('silent-drop carries out what it never answers', async () => {
    const device = new BenchDevice({ faults: ['silent-drop'], places: { 'silent-drop': 'keygen' } })
    const session = await device.open()
    const request = { curve: 'P-256' as const, ...SUBJECT }
    const lost = session.request(keygen, request, { retries: 0 })
    expect(await code(device.drive(lost))).toBe('TIMED_OUT')
    expect(device.board.facts().subject).toMatchObject(SUBJECT)
    await device.keygen(session)
  })

  it('rc-2 refuses each command once', async () => {
    const device = new BenchDevice({ faults: ['rc-2'], places: { 'rc-2': 'keygen' } })
    const session = await device.open()
    const request = { curve: 'P-256' as const, ...SUBJECT }
    expect(await device.refused(session, keygen, request)).toBe(2)
    expect(await device.refused(session, keygen, request)).toBe(0)
  })

  it('bad-crc and drop-fragment are seen as damage', async () => {
    const device = new BenchDevice({
      faults: ['bad-crc', 'drop-fragment'],
      places: { 'drop-fragment': 'keygen' },
    })
    const session = await device.open()
    await device.keygen(session)
    expect(session.traffic.damaged).toBeGreaterThan(1)
  })

  it('garbage is found in the device log, and the answers between it', async () => {
    const device = new BenchDevice({ faults: ['garbage'] })
    const session = await device.open()
    await device.keygen(session)
    expect(session.deviceLog.join('\n')).toContain('tick')
  })

  it('slow is late', async () => {
    const device = new BenchDevice({ faults: ['slow'] })
    const session = await device.open()
    const before = device.clock.now()
    await device.ask(session, info, {})
    expect(device.clock.now() - before).toBeGreaterThanOrEqual(SLOW_CABLE_MS)
  })

  it('not-smp chatters and never answers', async () => {
    const device = new BenchDevice({ faults: ['not-smp'] })
    expect(await code(device.open())).toBe('NOT_SMP')
  })

  it('unplug closes the port once and opens it again, with what was ordered done', async () => {
    const device = new BenchDevice({ faults: ['unplug'] })
    const session = await device.open()
    const before = device.clock.now()
    const request = { curve: 'P-256' as const, ...SUBJECT }
    expect(await code(device.drive(session.request(keygen, request, { retries: 0 })))).not.toBe('fine')
    expect(device.opened).toBe(2)
    expect(device.clock.now() - before).toBeGreaterThanOrEqual(1_000)
    const next = await device.session()
    const csr = await device.keygen(next)
    await device.install(next, await issue(factory, csr))
    expect(device.opened).toBe(2)
    const again = await withPowerCut(device, { faults: ['unplug'] })
    await again.keygen(await again.open())
    expect(again.opened).toBe(1)
  })

  it('unplug@cert waits for a certificate', async () => {
    const device = new BenchDevice({ faults: ['unplug'], places: { unplug: 'cert' } })
    const session = await device.open()
    const chain = await issue(factory, await device.keygen(session))
    expect(device.opened).toBe(1)
    const sha = createHash('sha256').update(chain).digest()
    const part = { off: 0, data: chain.subarray(0, 100), len: chain.length, sha }
    expect(await code(device.drive(session.request(certificate, part, { retries: 0 })))).not.toBe('fine')
    const next = await device.session()
    expect(await device.ask(next, certificate, part)).toEqual({ off: 100 })
  })

  it('reboot-during-cert restarts once and goes on where it stood', async () => {
    const device = new BenchDevice({ faults: ['reboot-during-cert'] })
    const session = await device.open()
    await device.make(session, factory)
    expect(device.logs.filter((line) => line.includes('serial-reboot'))).toHaveLength(1)
    expect(device.opened).toBe(1)
    expect(session.traffic.resent).toBeGreaterThan(0)
  })

  it('duplicate-key gives two boards one key', async () => {
    const keys = []
    for (let i = 0; i < 2; i += 1) {
      const device = new BenchDevice({ faults: ['duplicate-key'] })
      keys.push((await checkRequest(await device.keygen(await device.open()))).publicKeySha256)
    }
    expect(keys[0]).toBe(keys[1])
  })

  it('wrong-challenge proves nothing', async () => {
    const device = new BenchDevice({ faults: ['wrong-challenge'] })
    const session = await device.open()
    await device.keygen(session)
    const nonce = randomBytes(32)
    const { sig } = await device.ask(session, challenge, { nonce })
    const key = createPublicKey({ key: device.board.element.publicKey(), format: 'der', type: 'spki' })
    const text = Buffer.concat([Buffer.from('iotmc-challenge\0'), nonce, Buffer.from(SUBJECT.udn)])
    expect(verify('sha256', text, key, sig)).toBe(false)
  })
})

describe('the port', () => {
  it('is opened as soon as it is there, and again when it was pulled', async () => {
    const device = new BenchDevice()
    device.plugged = false
    await device.side.start()
    expect(device.opened).toBe(0)
    device.plugged = true
    const opened = (times: number) =>
      device.drive(
        (async () => {
          while (device.opened < times) await new Promise(setImmediate)
        })(),
      )
    await opened(1)
    await device.keygen(await device.session())
    device.cable.unplug()
    await opened(2)
    await device.keygen(await device.session())
    expect(device.logs.filter((line) => line.includes('serial-missing'))).toHaveLength(1)
  })

  it('speaks raw packets where it is told to', async () => {
    const device = new BenchDevice({ framing: 'raw' })
    await device.side.start()
    const session = await device.drive(
      SmpSession.open(device.cable.station, { clock: device.clock, framing: 'raw' }),
    )
    await device.make(session, factory)
  })

  it('is closed when the device ends in the middle of a long command', async () => {
    const device = new BenchDevice({ keygenMs: 60_000 })
    const session = await device.open()
    const asked = code(session.request(keygen, { curve: 'P-256', ...SUBJECT }, { retries: 0 }))
    await device.stop()
    expect(device.clock.pending).toBeLessThan(3)
    await device.drive(asked)
    expect(device.board.element.hasKey()).toBe(false)
  })

  it('is back after an ordered reset', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    await device.ask(session, osCommands.reset, {})
    await device.drive(
      (async () => {
        while (!device.told.includes('reset')) await new Promise(setImmediate)
      })(),
    )
    expect(await device.ask(session, osCommands.echo, { d: 'here' })).toEqual({ r: 'here' })
  })
})
