/** Injection over a real cable: a station's job on one end, the reference device as a process on the other. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { isEnded, type Job } from '../../electron/contract/job'
import { SMP_LIMITS } from '../../electron/contract/smp'
import type { Ledger } from '../../electron/factory/ledger'
import { splitPem } from '../../electron/identity/pem'
import { CableLane, type CableLaneOptions } from '../helpers/cable-lane'
import { type DeviceProcess, startDevice } from '../helpers/device-process'
import { LINE_CONFIG, makeFactory, openLine } from '../helpers/factory-line'
import { requirePrivateNetwork } from '../helpers/private-network'
import { startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'
import { type OpensslFolder, opensslFolder } from '../interop/openssl'

const SERIAL = 'PX200-00001'

beforeAll(requirePrivateNetwork)

/** What a test made and takes away when it ends, the last first; tests run side by side. */
type Ends = Pick<TestContext, 'onTestFinished'>

/** A cable with a lane at one end; devices are plugged in at the other. */
const makeLane = async (ends: Ends, options: CableLaneOptions = {}) => {
  const temp = makeTempDir()
  ends.onTestFinished(() => temp.remove())
  const pty = await startPtyPair(temp.path)
  ends.onTestFinished(() => pty.stop())
  const lane = new CableLane(pty.station, options)
  ends.onTestFinished(() => lane.close())
  const start = async (args: readonly string[] = [], state = 'board'): Promise<DeviceProcess> => {
    const device = await startDevice([
      ...['--state', join(temp.path, state), '--serial-port', pty.device],
      ...['--phase', 'manufacturing', '--model', 'PX-200', ...args],
    ])
    ends.onTestFinished(() => void device.kill())
    return device
  }
  return { folder: temp.path, pty, lane, start }
}

const makeLine = async (
  ends: Ends,
  lane: CableLane,
  o: { readonly acceptSoftwareKeys?: boolean; readonly begun?: (step: string) => void } = {},
) => {
  const { acceptSoftwareKeys = false, begun = () => undefined } = o
  const temp = makeTempDir()
  ends.onTestFinished(() => temp.remove())
  const rootPem = await makeFactory(temp.path)
  const line = await openLine({
    folder: temp.path,
    lend: (job, ctx) => lane.lend(job, ctx),
    config: { ...LINE_CONFIG, acceptSoftwareKeys },
    around: { ledger: (ledger) => tellingBegins(ledger, begun) },
  })
  ends.onTestFinished(() => line.close())
  line.runner.start()
  return { ...line, rootPem }
}
/** The same ledger, telling each step that was put on record as begun. */
const tellingBegins = (ledger: Ledger, begun: (step: string) => void): Ledger =>
  new Proxy(ledger, {
    get: (on, name) => {
      const value: unknown = Reflect.get(on, name, on)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        const result: unknown = value.apply(on, given)
        if (name === 'begin') begun(String(given[1]))
        return result
      }
    },
  })
type Line = Awaited<ReturnType<typeof makeLine>>

const endOf = ({ runner }: Line, id: string): Promise<Job> =>
  new Promise((resolve) => {
    const look = () => {
      const job = runner.get(id)
      if (job && isEnded(job.state)) {
        off()
        resolve(job)
      }
    }
    const off = runner.on('changed', look)
    look()
  })

const begin = (line: Line, device: { hardwareId?: string | undefined }, serialNumber = SERIAL): string => {
  const { hardwareId = '' } = device
  const params = { path: '', lane: '1', model: 'PX-200', operator: 'Operator 17', hardwareId }
  const [job] = line.runner.submit('inject', [serialNumber], params)
  return job?.id ?? ''
}
const inject = async (line: Line, device: DeviceProcess, serialNumber = SERIAL): Promise<Job> =>
  endOf(line, begin(line, await device.ready, serialNumber))

/** Complete in the ledger, the same certificate in the device's folder, and openssl agrees with both. */
const expectComplete = (line: Line, folder: string, openssl: OpensslFolder, state = 'board'): void => {
  const { ledger, rootPem } = line
  expect(ledger.unit(SERIAL)).toMatchObject({ state: 'complete' })
  expect(ledger.verify()).toMatchObject({ ok: true })
  expect(ledger.issuedBy(line.authority.fingerprint)).toBe(ledger.summary().complete)
  const installed = readFileSync(join(folder, state, 'idevid.pem'), 'utf8')
  expect(installed).toBe(ledger.certificateOf(SERIAL)?.chainPem)
  const [leaf = '', station = ''] = splitPem(installed)
  openssl.file('root.pem', rootPem)
  openssl.file('station.pem', station)
  openssl.file('leaf.pem', leaf)
  for (const purpose of ['sslclient', 'sslserver']) {
    const chain = ['-CAfile', 'root.pem', '-untrusted', 'station.pem', 'leaf.pem']
    expect(openssl.run('verify', '-x509_strict', '-purpose', purpose, ...chain).output).toContain(
      'leaf.pem: OK',
    )
  }
}

const newOpenssl = (ends: Ends): OpensslFolder => {
  const openssl = opensslFolder()
  ends.onTestFinished(() => openssl.remove())
  return openssl
}

describe.concurrent('a blank device at a cable', () => {
  it('leaves with an identity that openssl verifies, locked, its label known', async (ends) => {
    const { folder, lane, start } = await makeLane(ends)
    const line = await makeLine(ends, lane)
    const device = await start()
    const job = await inject(line, device)
    expect(job.error).toBeUndefined()
    const openssl = newOpenssl(ends)
    expectComplete(line, folder, openssl)
    const text = openssl.run('x509', '-in', 'leaf.pem', '-noout', '-text').output
    expect(text).toContain('Not After : Dec 31 23:59:59 9999 GMT')
    expect(text).toContain(`serialNumber = ${SERIAL}`)
    expect(text).toMatch(/TLS Web Server Authentication/)
    const locked = await device.locked()
    expect(locked).toMatchObject({
      serial: SERIAL,
      phase: 'provisioning',
      udn: line.ledger.unit(SERIAL)?.udn,
    })
    expect(line.labels.get(SERIAL)).toEqual({
      udn: locked.udn,
      serialNumber: SERIAL,
      setupCode: locked.setupCode,
    })
  })

  it('is worked on over raw framing just as well', async (ends) => {
    const { folder, lane, start } = await makeLane(ends, { framing: 'auto' })
    const line = await makeLine(ends, lane)
    expect((await inject(line, await start(['--serial-framing', 'raw']))).state).toBe('done')
    expectComplete(line, folder, newOpenssl(ends))
  })

  it('with a key in plain flash is worked on where the line allows it', async (ends) => {
    const { lane, start } = await makeLane(ends)
    const line = await makeLine(ends, lane, { acceptSoftwareKeys: true })
    expect((await inject(line, await start(['--key-storage', 'flash']))).state).toBe('done')
    expect(line.ledger.unit(SERIAL)).toMatchObject({ keyStorage: 'flash' })
  })
})

/** Deviations that a station rides out: nobody has to do anything. */
describe.concurrent.each([
  'garbage',
  'rc-2',
  'drop-fragment',
  'silent-drop',
  'bad-crc',
  'reboot-during-cert',
  'unplug@cert',
])('a device with the fault %s', (fault) => {
  it('is complete at the first try', async (ends) => {
    const { folder, lane, start } = await makeLane(ends, { timeoutMs: SMP_LIMITS.requestTimeoutMs })
    const line = await makeLine(ends, lane)
    const job = await inject(line, await start(['--fault', fault]))
    expect(job.error).toBeUndefined()
    expect(job).toMatchObject({ state: 'done', attempt: 1 })
    expectComplete(line, folder, newOpenssl(ends))
  }, 90_000)
})

describe.concurrent.each([
  'die-before-keygen',
  'die-during-keygen',
  'die-after-keygen',
  'die-before-cert',
  'die-after-cert',
  'die-before-lock',
  'die-during-lock',
  'die-after-lock',
])('a device whose supply fails: %s', (fault) => {
  it('is complete once it is back, as the one that it was', async (ends) => {
    // A board that starts while the machine has other work is away for longer.
    const { folder, lane, start } = await makeLane(ends, { timeoutMs: 5_000 })
    const line = await makeLine(ends, lane)
    const device = await start(['--fault', fault])
    const id = begin(line, await device.ready)
    await device.ended
    const back = await start()
    expect((await back.ready).hardwareId).toBe((await device.ready).hardwareId)
    const job = await endOf(line, id)
    expect(job.error).toBeUndefined()
    expect(job).toMatchObject({ state: 'done', attempt: 1 })
    expectComplete(line, folder, newOpenssl(ends))
    expect(line.ledger.unit(SERIAL)).toMatchObject({ attempts: 1 })
  }, 120_000)
})

describe.concurrent('a device that takes two seconds for every answer', () => {
  it('is complete at the first try', async (ends) => {
    const { folder, lane, start } = await makeLane(ends, { timeoutMs: 3_000 })
    const line = await makeLine(ends, lane)
    const job = await inject(line, await start(['--fault', 'slow']))
    expect(job).toMatchObject({ state: 'done', attempt: 1 })
    expectComplete(line, folder, newOpenssl(ends))
  }, 120_000)
})

describe.concurrent('a device that is no good', () => {
  it('because its key is that of another, is refused; there is one certificate for the key', async (ends) => {
    const { lane, start } = await makeLane(ends)
    const line = await makeLine(ends, lane)
    const first = await start(['--fault', 'duplicate-key'])
    expect((await inject(line, first)).state).toBe('done')
    await first.kill()
    const second = await start(['--fault', 'duplicate-key'], 'second-board')
    const job = await inject(line, second, 'PX200-00002')
    expect(job.error?.code).toBe('KEY_REUSED')
    expect(job.error?.detail).toContain(SERIAL)
    expect(job.error?.detail).toContain('the device has its key, no certificate yet')
    expect(line.ledger.issuedBy(line.authority.fingerprint)).toBe(1)
    expect(line.ledger.unit('PX200-00002')).toMatchObject({ state: 'keyed', lastErrorCode: 'KEY_REUSED' })
  })

  it('because it can not prove its key, is refused and not locked', async (ends) => {
    const { lane, start } = await makeLane(ends)
    const line = await makeLine(ends, lane)
    const job = await inject(line, await start(['--fault', 'wrong-challenge']))
    expect(job.error?.code).toBe('SELF_TEST_FAILED')
    expect(job.error?.detail).toContain('the key not proven')
    expect(line.ledger.unit(SERIAL)).toMatchObject({ state: 'verified' })
  })
})

describe.concurrent('a cable that is pulled', () => {
  it('fails the job at once, and it goes on where it stood', async (ends) => {
    const { folder, pty, lane, start } = await makeLane(ends)
    let beginKeygen = (): void => undefined
    const keygenBegun = new Promise<void>((resolve) => {
      beginKeygen = resolve
    })
    const begun = (step: string) => void (step === 'keygen' && beginKeygen())
    const line = await makeLine(ends, lane, { begun })
    // A key takes its time: the cable is pulled in the middle of it.
    const device = await start(['--keygen-ms', '3000'])
    const id = begin(line, await device.ready)
    await keygenBegun
    const pulledAt = Date.now()
    await pty.unplug()
    const job = await endOf(line, id)
    expect(job.error?.code).toBe('SERIAL_UNPLUGGED')
    expect(job.error?.detail).toContain('keygen may have happened')
    expect(Date.now() - pulledAt).toBeLessThan(2_000)
    expect(line.ledger.unit(SERIAL)).toMatchObject({ state: 'reserved', openStep: 'keygen' })
    await pty.replug()
    line.runner.retry([id])
    expect(await endOf(line, id)).toMatchObject({ state: 'done', attempt: 2 })
    expectComplete(line, folder, newOpenssl(ends))
    expect(line.ledger.unit(SERIAL)).toMatchObject({ attempts: 2 })
  })
})
