import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NetworkInterface } from '../../electron/contract/discovery'
import { asIotmcError } from '../../electron/contract/errors'
import { KeyFiles } from '../../electron/device/key-files'
import { manufacture } from '../../electron/device/manufacture'
import {
  acceptNetwork,
  interfacesNow,
  joinNetwork,
  type NetworkInReach,
  networkStatusOf,
  stayWired,
} from '../../electron/device/network'
import { StateFile } from '../../electron/device/state-file'
import { finishWipe } from '../../electron/device/wipe'
import type { Authority } from '../../electron/identity/authority'
import { systemRandom } from '../../electron/net/clock'
import { makeAuthority, makeFolder } from '../helpers/device-site'
import { VirtualClock } from '../helpers/virtual-clock'

let factory: Authority
let site: Authority
let other: Authority
beforeAll(async () => {
  factory = await makeAuthority('Factory')
  site = await makeAuthority('Site')
  other = await makeAuthority('Other site')
})

const NETWORKS: readonly NetworkInReach[] = [
  { ssid: 'Plant', interfaceName: 'eth1', credential: 'right key' },
  { ssid: 'Guests', interfaceName: 'eth2', credential: '' },
]
const iface = (name: string): NetworkInterface => ({
  name,
  addresses4: [{ address: '10.1.0.1', netmask: '255.255.255.0', prefix: 24 }],
  addresses6LinkLocal: [],
  loopback: false,
})

let folder = ''
let store: StateFile
let clock: VirtualClock
let interfaces: NetworkInterface[]
const logged: unknown[] = []

beforeEach(async () => {
  folder = makeFolder('device')
  clock = new VirtualClock(Date.now())
  interfaces = [iface('eth1'), iface('eth2')]
  logged.length = 0
  const making = {
    phase: 'provisioning',
    model: 'PX-200',
    hardwareRevision: 'C2',
    firmwareVersion: '1.4.0',
    keyStorage: 'flash',
  } as const
  const made = { random: systemRandom, now: new Date(clock.now()) }
  store = await manufacture(folder, new KeyFiles(folder), making, factory, made)
})

const accept = (change: { ssid?: string; credential?: string; anchorPem?: string } = {}): string => {
  const request = { ssid: 'Plant', credential: 'right key', anchorPem: site.certificatePem, ...change }
  try {
    acceptNetwork(store, request, clock.now())
    return 'ok'
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

/** Joins in virtual time; gives how long it took, or the code of the error. */
const join = async (networks = NETWORKS, signal = new AbortController().signal): Promise<number | string> => {
  const tools = {
    clock,
    networks,
    signal,
    log: (event: string, facts?: object) => logged.push({ event, ...facts }),
    list: () => interfaces,
  }
  const startMs = clock.now()
  let outcome: number | string | undefined
  const joining = joinNetwork(store, tools).then(
    () => {
      outcome = clock.now() - startMs
    },
    (thrown) => {
      outcome = asIotmcError(thrown).code
    },
  )
  for (let i = 0; i < 1000 && outcome === undefined; i += 1) await clock.advanceAsync(100)
  await joining
  return outcome ?? 'never'
}

describe('a wired device', () => {
  it('is in commissioning at once, and keeps its anchor', () => {
    expect(networkStatusOf(store.current)).toBe('none')
    expect(accept({ ssid: '', credential: '' })).toBe('ok')
    expect(store.current).toMatchObject({
      phase: 'commissioning',
      anchorPem: site.certificatePem,
      network: { ssid: '' },
    })
    expect(networkStatusOf(store.current)).toBe('joined')
  })

  it('needs no networks in reach to take a name', () => {
    expect(accept()).toBe('ok')
    expect(store.current.phase).toBe('commissioning')
    expect(store.current).not.toHaveProperty('joining')
  })

  it('takes the same anchor again in commissioning, and nothing else', () => {
    accept()
    const before = store.current
    expect(accept({ ssid: 'Another', credential: 'x' })).toBe('ok')
    expect(store.current).toEqual(before)
    expect(accept({ anchorPem: other.certificatePem })).toBe('WRONG_PHASE')
    store.update({ phase: 'operation' })
    expect(accept()).toBe('WRONG_PHASE')
    expect(store.current).toEqual({ ...before, phase: 'operation' })
  })

  it.each([
    ['a name of more than 32 bytes', { ssid: 'ü'.repeat(17) }, 'STRING_TOO_LONG'],
    ['a credential of more than 128 characters', { credential: 'x'.repeat(129) }, 'STRING_TOO_LONG'],
    ['no anchor', { anchorPem: '' }, 'CERTIFICATE_INVALID'],
  ])('refuses %s', (_, change, code) => {
    expect(accept(change)).toBe(code)
    expect(store.current.phase).toBe('provisioning')
    expect(store.current).not.toHaveProperty('anchorPem')
  })
})

describe('a device with networks in reach', () => {
  beforeEach(() => store.update({ wireless: true }))

  it('changes nothing but that it tries, until the network has let it in', async () => {
    expect(accept()).toBe('ok')
    expect(networkStatusOf(store.current)).toBe('joining')
    expect(store.current.phase).toBe('provisioning')
    expect(store.current).not.toHaveProperty('anchorPem')
    expect(await join()).toBeLessThan(5_000)
    expect(store.current).toMatchObject({
      phase: 'commissioning',
      anchorPem: site.certificatePem,
      network: { ssid: 'Plant', credential: 'right key' },
    })
    expect(store.current).not.toHaveProperty('joining')
    expect(networkStatusOf(store.current)).toBe('joined')
  })

  it('takes the same request twice, and no other while it tries', () => {
    accept()
    const before = store.current
    expect(accept()).toBe('ok')
    expect(accept({ credential: 'another' })).toBe('BUSY')
    expect(accept({ ssid: 'Guests' })).toBe('BUSY')
    expect(accept({ anchorPem: other.certificatePem })).toBe('BUSY')
    expect(store.current).toEqual(before)
  })

  it.each([
    ['a name that nobody has', { ssid: 'Nowhere' }, 'failed:not-found'],
    ['a wrong credential', { credential: 'wrong key' }, 'failed:refused'],
    ['a credential for an open network', { ssid: 'Guests', credential: 'x' }, 'failed:refused'],
  ])('is back in provisioning soon after %s, says why, and knows no site', async (_, change, status) => {
    accept(change)
    expect(await join()).toBeLessThanOrEqual(5_000)
    expect(networkStatusOf(store.current)).toBe(status)
    expect(store.current.phase).toBe('provisioning')
    for (const gone of ['joining', 'anchorPem', 'network']) expect(store.current).not.toHaveProperty(gone)
    // Another try may be right.
    expect(accept()).toBe('ok')
    expect(networkStatusOf(store.current)).toBe('joining')
  })

  it('waits for an address, but not for ever', async () => {
    interfaces = []
    accept()
    const took = await join()
    expect(took).toBeGreaterThan(15_000)
    expect(took).toBeLessThan(30_000)
    expect(networkStatusOf(store.current)).toBe('failed:no-address')
    accept()
    clock.setTimer(() => interfaces.push(iface('eth1')), 10_000)
    expect(await join()).toBeGreaterThan(9_000)
    expect(store.current.phase).toBe('commissioning')
  })

  it('cut off while it tries, tries again at the next start', async () => {
    accept()
    const cut = new AbortController()
    clock.setTimer(() => cut.abort(), 700)
    expect(await join(NETWORKS, cut.signal)).toBe('CANCELLED')
    store = StateFile.open(folder) ?? store
    expect(networkStatusOf(store.current)).toBe('joining')
    await join()
    expect(store.current.phase).toBe('commissioning')
  })

  it('started again without networks stays where it is, as a wired one', async () => {
    accept()
    expect(await join([])).toBeLessThanOrEqual(100)
    expect(store.current).toMatchObject({ phase: 'commissioning', anchorPem: site.certificatePem })
  })

  it('started again by its cable alone takes the next network as a wired one', () => {
    stayWired(store, () => undefined)
    expect(accept()).toBe('ok')
    expect(store.current.phase).toBe('commissioning')
  })

  it('tells the credential to no log', async () => {
    accept()
    await join()
    accept({ credential: 'wrong key' })
    await join()
    expect(logged.length).toBeGreaterThan(0)
    expect(JSON.stringify(logged)).not.toMatch(/right key|wrong key/)
  })

  it('wiped, has forgotten network and outcome', async () => {
    accept()
    await join()
    store.update({ phase: 'decommissioning' })
    finishWipe({ store, keys: new KeyFiles(folder) })
    expect(networkStatusOf(store.current)).toBe('none')
    for (const gone of ['joining', 'anchorPem', 'network']) expect(store.current).not.toHaveProperty(gone)
  })
})

describe('the interfaces of a device', () => {
  const around = { interfaces: ['eth0'], setupInterfaces: ['wlan9'], networks: NETWORKS }
  const plant = { ssid: 'Plant', credential: 'right key' }

  it.each([
    ['in manufacturing its setup network', 'manufacturing', undefined, around, ['wlan9']],
    ['in provisioning its setup network', 'provisioning', undefined, around, ['wlan9']],
    ['without one of its own the given ones', 'provisioning', undefined, { interfaces: ['lo'] }, ['lo']],
    ['on its network that of the network', 'commissioning', plant, around, ['eth1']],
    ['in operation the same', 'operation', plant, around, ['eth1']],
    ['wired the given ones', 'commissioning', { ssid: '', credential: '' }, around, ['eth0']],
    ['of a network out of reach the given ones', 'operation', { ...plant, ssid: 'Gone' }, around, ['eth0']],
    [
      'with a credential that changed the given ones',
      'operation',
      { ...plant, credential: '' },
      around,
      ['eth0'],
    ],
  ] as const)('are %s', (_, phase, network, surroundings, expected) => {
    expect(interfacesNow({ phase, network }, surroundings)).toEqual(expected)
  })
})
