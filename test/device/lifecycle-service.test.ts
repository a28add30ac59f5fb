import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { wipeStatementSchema } from '../../electron/contract/decommission'
import { asIotmcError } from '../../electron/contract/errors'
import { isActionAllowed } from '../../electron/contract/phases'
import { KeyFiles } from '../../electron/device/key-files'
import { lifecycleActions } from '../../electron/device/lifecycle-service'
import { manufacture } from '../../electron/device/manufacture'
import { shred } from '../../electron/device/shred'
import { StateFile } from '../../electron/device/state-file'
import type { Authority } from '../../electron/identity/authority'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { makeAuthority, makeClient, makeFolder } from '../helpers/device-site'

/** What the disk says to whoever removes a file. */
const disk = { refuses: '' }
const remove = (path: string): number => {
  if (disk.refuses) throw Object.assign(new Error('disk'), { code: disk.refuses, syscall: 'write' })
  return shred(path)
}

let factory: Authority
let site: Authority
beforeAll(async () => {
  factory = await makeAuthority('Factory')
  site = await makeAuthority('Site')
})

let store: StateFile
let keys: KeyFiles
let nowMs = 0
const told: string[] = []

const making = {
  phase: 'provisioning',
  model: 'PX-200',
  hardwareRevision: 'C2',
  firmwareVersion: '1.4.0',
} as const

beforeEach(async () => {
  const folder = makeFolder('device')
  keys = new KeyFiles(folder)
  nowMs = Date.now()
  told.length = 0
  store = await manufacture(folder, keys, making, factory, { random: systemRandom, now: new Date(nowMs) })
})

/** Calls an action as the endpoint does; an error is given as its code. */
const act = async (
  action: string,
  args: Record<string, string> = {},
): Promise<Record<string, string> | string> => {
  const actions = lifecycleActions({
    clock: { ...systemClock, now: () => nowMs },
    log: () => undefined,
    store,
    keys,
    shred: remove,
    identify: (seconds) => told.push(`identify ${seconds}`),
    reboot: () => told.push('reboot'),
    onPhase: () => told.push(store.current.phase),
  })
  const handler = actions[action]
  if (!handler) throw new Error(`no ${action}`)
  const context = {
    role: 'Public',
    peer: undefined,
    remoteAddress: '',
    signal: new AbortController().signal,
  } as const
  try {
    return await handler(args, context)
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

const provision = (change: Record<string, string> = {}) =>
  act('ProvisionNetwork', {
    SetupCode: store.current.setupCode,
    Ssid: 'plant',
    Credential: 'secret-network-key',
    SiteTrustAnchor: site.certificatePem,
    ...change,
  })

describe('a blank device', () => {
  it('says who it is', async () => {
    expect(await act('GetLifecycleState')).toEqual({
      LifecycleState: 'provisioning',
      DeviceUDN: store.current.udn,
      Model: 'PX-200',
      SerialNumber: store.current.serialNumber,
      FirmwareVersion: '1.4.0',
      HardwareRevision: 'C2',
      ConfigurationVersion: '0',
      LdevidSerial: '',
      ManagementGroup: '',
    })
  })

  it('identifies itself and reboots', async () => {
    await act('Identify', { Seconds: '5' })
    await act('Reboot')
    expect(told).toEqual(['identify 5', 'reboot'])
  })
})

describe('network provisioning', () => {
  it('takes the right code, keeps network and anchor, and moves on', async () => {
    expect(await provision()).toEqual({})
    expect(store.current.phase).toBe('commissioning')
    expect(store.current.network).toEqual({ ssid: 'plant', credential: 'secret-network-key' })
    expect(new X509Certificate(store.current.anchorPem ?? '').raw).toEqual(
      new X509Certificate(site.certificatePem).raw,
    )
    expect(told).toEqual(['commissioning'])
  })

  it('stores each wrong try before it answers, and locks after five', async () => {
    for (let tries = 1; tries < 5; tries += 1) {
      expect(await provision({ SetupCode: 'WRONG000' })).toBe('SETUP_CODE_WRONG')
      expect(store.current.setupGuard.wrongTries).toBe(tries)
    }
    expect(await provision({ SetupCode: 'WRONG000' })).toBe('SETUP_CODE_WRONG')
    expect(await provision()).toBe('LOCKED_OUT')
    nowMs += 60_000
    expect(await provision()).toEqual({})
  })

  it.each([
    ['nothing', () => ''],
    ['no PEM', () => 'hello'],
    ['two certificates', () => site.certificatePem + site.certificatePem],
    ['a damaged certificate', () => site.certificatePem.replace(/MII./, 'AAAA')],
    ['far too much', () => site.certificatePem + ' '.repeat(20_000)],
  ])('refuses %s as anchor and stays where it is', async (_, anchor) => {
    expect(await provision({ SiteTrustAnchor: anchor() })).toBe('CERTIFICATE_INVALID')
    expect(store.current.phase).toBe('provisioning')
  })

  it("refuses a client's certificate and an authority whose time is over as anchor", async () => {
    const client = await makeClient(site, 'Admin')
    expect(await provision({ SiteTrustAnchor: client.chainPem })).toBe('CERTIFICATE_INVALID')
    nowMs += 20 * 365 * 24 * 3600_000
    expect(await provision()).toBe('CERTIFICATE_INVALID')
  })

  it('refuses what does not fit a network', async () => {
    expect(await provision({ Ssid: 'ü'.repeat(17) })).toBe('STRING_TOO_LONG')
    expect(await provision({ Credential: 'x'.repeat(129) })).toBe('STRING_TOO_LONG')
  })
})

const NONCE = '0123456789abcdef0123456789abcdef'

describe('decommissioning', () => {
  const enrol = async () => {
    await provision()
    await keys.makeRequest(1, store.current)
    keys.saveLdevid(1, site.certificatePem)
    const { configuration } = store.current
    const values = { ...configuration.values, 'Pump.MaxFlow': '9' }
    store.update({
      phase: 'operation',
      lastGeneration: 1,
      ldevidGeneration: 1,
      group: 'Pumps',
      configuration: { version: 4, values, previous: configuration },
    })
  }

  it('forgets the site, keeps the factory identity, and proves it', async () => {
    await enrol()
    const before = store.current
    expect(await act('GetDecommissionProof')).toBe('ACTION_FAILED')
    const answer = await act('Decommission', { Nonce: NONCE })
    const { phase, udn, serialNumber, setupCode, configuration } = store.current
    expect({ phase, udn, serialNumber, setupCode }).toEqual({
      phase: 'provisioning',
      udn: before.udn,
      serialNumber: before.serialNumber,
      setupCode: before.setupCode,
    })
    expect(configuration).toEqual({ version: 0, values: expect.objectContaining({ 'Pump.MaxFlow': '24' }) })
    for (const gone of ['anchorPem', 'network', 'group', 'ldevidGeneration', 'enrollment']) {
      expect(store.current).not.toHaveProperty(gone)
    }
    expect(readdirSync(store.folder).sort()).toEqual(['idevid.key', 'idevid.pem', 'state.json'])
    const { Statement = '', Proof = '' } = typeof answer === 'string' ? {} : answer
    expect(wipeStatementSchema.parse(JSON.parse(Statement))).toMatchObject({ udn, nonce: NONCE, wipes: 1 })
    const key = createPublicKey(keys.idevid().chainPem)
    expect(verify('sha256', Buffer.from(Statement), key, Buffer.from(Proof, 'base64'))).toBe(true)
    expect(await act('GetDecommissionProof')).toEqual(answer)
    expect(await act('Decommission', { Nonce: NONCE })).toEqual(answer)
    expect(await act('Decommission', { Nonce: NONCE.replace('0', '1') })).toBe('WRONG_PHASE')
    expect(told.filter((word) => word === 'provisioning')).toHaveLength(1)
  })

  it.each(['ENOSPC', 'EROFS'])(
    'answers ACTION_FAILED to %s, and the same order finishes it',
    async (code) => {
      await enrol()
      disk.refuses = code
      expect(await act('Decommission', { Nonce: NONCE })).toBe('ACTION_FAILED')
      expect(store.current).toMatchObject({ phase: 'decommissioning', wiping: { nonce: NONCE } })
      expect(await act('Decommission', { Nonce: NONCE })).toBe('ACTION_FAILED')
      disk.refuses = ''
      expect(await act('Decommission', { Nonce: NONCE.replace('0', '1') })).toBe('WRONG_PHASE')
      const answer = await act('Decommission', { Nonce: NONCE })
      expect(answer).toEqual(await act('GetDecommissionProof'))
      expect(store.current).toMatchObject({ phase: 'provisioning', wipes: 1 })
      expect(isActionAllowed('decommissioning', 'Lifecycle.Decommission')).toBe(true)
    },
  )

  it('needs a nonce', async () => {
    await enrol()
    for (const Nonce of ['', '0'.repeat(31), 'f'.repeat(129), NONCE.toUpperCase()])
      expect(await act('Decommission', { Nonce })).toBe('VALUE_INVALID')
    expect(store.current.phase).toBe('operation')
  })
})

describe('a management group', () => {
  it('is assigned, kept and told', async () => {
    store.update({ phase: 'operation', group: 'Pumps' })
    expect(await act('AssignGroup', { ManagementGroup: 'North' })).toEqual({})
    expect(await act('AssignGroup', { ManagementGroup: 'North' })).toEqual({})
    expect(StateFile.open(store.folder)?.current.group).toBe('North')
    expect(await act('GetLifecycleState')).toMatchObject({ ManagementGroup: 'North' })
    for (const ManagementGroup of ['', ' ', ' North'])
      expect(await act('AssignGroup', { ManagementGroup })).toBe('VALUE_INVALID')
    expect(store.current.group).toBe('North')
  })
})
