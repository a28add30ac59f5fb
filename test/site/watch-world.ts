/**
 * Devices and a laptop in one memory: real publishers, real subscriptions, real watch and desk; only the wire between them
 * is made up, and can lose, refuse and cut.
 */
import type { DeviceDescription } from '../../electron/contract/description'
import type { NetworkInterface } from '../../electron/contract/discovery'
import { IotmcError } from '../../electron/contract/errors'
import type { HealthReport, MetricValues, Threshold } from '../../electron/contract/health'
import { type ServiceName, serviceType } from '../../electron/contract/names'
import type { DiscoveredDevice } from '../../electron/discovery/registry'
import type { Clock } from '../../electron/net/clock'
import type { HttpAnswer, HttpsRequest } from '../../electron/net/https-client'
import { HealthDesk } from '../../electron/operation/health-desk'
import type { GapReason } from '../../electron/operation/health-kept'
import { DeviceWatch, type Told } from '../../electron/site/device-watch'
import type { EarLine } from '../../electron/site/ear-line'
import { Publisher } from '../../electron/upnp/gena-publisher'
import { NotifyRoutes } from '../../electron/upnp/notify-routes'
import { encodeAnswer } from '../../electron/upnp/soap-message'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'

const SERVICES: readonly ServiceName[] = ['Lifecycle', 'Configuration', 'Firmware', 'Diagnostics']
const PEER = { der: Buffer.from('x'), chainDer: [] }
export const LAPTOP = '10.0.0.1'

/** One device: its publisher, its health, and what is wrong with it. */
export class WorldDevice {
  readonly udn: string
  readonly published: { readonly atMs: number; readonly id: string }[] = []
  publisher: Publisher
  address: string
  port = 1
  bootId = 1
  online = true
  /** Sends no NOTIFY. */
  mute = false
  /** Reports no more. */
  silent = false
  /** Answers SUBSCRIBE with this status. */
  refuses: number | undefined
  /** Only these services answer with it; undefined = every one. */
  refusedServices: readonly ServiceName[] | undefined
  services: readonly ServiceName[] = SERVICES
  over: Partial<HealthReport> = {}
  clockOffMs = 0
  asked = 0
  private startedMs: number
  private boot = 1
  private sequence = 0
  private cancel: () => void = () => undefined

  constructor(
    readonly world: WatchWorld,
    readonly n: number,
    public intervalS: number,
    firstMs: number,
  ) {
    this.udn = udnOf(n)
    this.address = `10.0.${1 + Math.floor(n / 200)}.${1 + (n % 200)}`
    this.startedMs = world.clock.now()
    this.publisher = this.newPublisher()
    this.scheduled(firstMs)
  }

  health(): HealthReport {
    const nowMs = this.world.clock.now()
    return {
      time: new Date(nowMs + this.clockOffMs).toISOString(),
      clockSynchronised: true,
      boot: this.boot,
      uptimeS: (nowMs - this.startedMs) / 1000,
      intervalS: this.intervalS,
      temperatureC: 40,
      supplyV: 12,
      memoryFreeBytes: 50,
      memoryTotalBytes: 100,
      counts: { critical: 0, error: 0, warning: 0 },
      ...this.over,
    }
  }

  report(): void {
    if (this.silent || !this.online) return
    const health = this.health()
    this.sequence += 1
    this.published.push({ atMs: this.world.clock.now(), id: idOf(health) })
    this.publisher.publish('Diagnostics', {
      Health: JSON.stringify(health),
      LogSequence: String(this.sequence),
    })
  }

  /** Off at once; `start` brings it back with everything forgotten. */
  stop(): void {
    this.online = false
    this.publisher.close()
    this.cancel()
  }

  start(): void {
    this.online = true
    this.bootId += 1
    this.boot += 1
    this.startedMs = this.world.clock.now()
    this.publisher = this.newPublisher()
    this.report()
    this.scheduled(this.intervalS * 1000)
  }

  answer(r: HttpsRequest): Partial<HttpAnswer> {
    const url = new URL(r.url)
    const service = SERVICES.find((name) => url.pathname.endsWith(`/${name}`))
    if (!service) return { status: 404 }
    const who = {
      remoteAddress: LAPTOP,
      role: 'Admin' as const,
      udn: undefined,
      fingerprint: 'controller',
      chainDer: [],
    }
    if (r.method === 'POST') {
      this.asked += 1
      const args = { Health: JSON.stringify(this.health()) }
      const text = encodeAnswer({ serviceType: serviceType('Diagnostics'), action: 'GetHealth' }, args)
      return { body: Buffer.from(text) }
    }
    if (r.method === 'UNSUBSCRIBE')
      return { status: this.publisher.unsubscribe(service, r.headers ?? {}, who) }
    if (this.refuses && (this.refusedServices ?? SERVICES).includes(service)) return { status: this.refuses }
    const { status, headers, begin } = this.publisher.subscribe(service, r.headers ?? {}, who)
    if (begin) queueMicrotask(() => queueMicrotask(begin))
    return { status, ...(headers ? { headers } : {}) }
  }

  private scheduled(ms: number): void {
    this.cancel = this.world.clock.setTimer(() => {
      this.report()
      this.scheduled(this.intervalS * 1000)
    }, ms)
  }

  private newPublisher(): Publisher {
    const publisher = new Publisher({
      clock: this.world.clock,
      services: SERVICES,
      sameSegment: () => true,
      send: async ({ url, headers, body }) => {
        if (this.mute || this.publisher !== publisher || !this.world.reaches(url)) return 0
        return this.world.routes.deliver(new URL(url).pathname, headers, Buffer.from(body), {
          peer: PEER,
          udn: this.udn,
        })
      },
    })
    publisher.publish('Lifecycle', { LifecycleState: 'operation' })
    publisher.publish('Configuration', { CurrentConfigurationVersion: '3' })
    publisher.publish('Firmware', { UpdateState: 'idle', ActiveBank: 'A' })
    return publisher
  }
}

/** Names a report over all its repetitions. */
export const idOf = (health: Pick<HealthReport, 'boot' | 'uptimeS'>): string =>
  `${health.boot} ${health.uptimeS}`

export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  readonly reason: GapReason
}

export interface WatchWorldOptions {
  /** Of the world, the devices. */
  readonly clock: Clock
  /** Of the laptop. */
  readonly laptop?: Clock
  readonly asleep?: () => boolean
  /** Whether an exchange is lost on its way. */
  readonly loses?: (kind: 'notify' | 'request') => boolean
  readonly thresholds?: readonly Threshold[]
  readonly certificateEnd?: (udn: string) => string | undefined
  readonly lastAtMs?: (udn: string) => number | undefined
  readonly room?: number
}

export class WatchWorld {
  readonly clock: Clock
  readonly routes = new NotifyRoutes()
  readonly devices = new Map<string, WorldDevice>()
  readonly samples = new Map<
    string,
    { readonly atMs: number; readonly id: string; readonly values: MetricValues }[]
  >()
  readonly gaps = new Map<string, Gap[]>()
  readonly told: { readonly udn: string; readonly told: Told }[] = []
  readonly sequences = new Map<string, number>()
  readonly log = keepingLog()
  readonly workedOn = new Set<string>()
  readonly desk: HealthDesk
  readonly watch: DeviceWatch
  /** Requests under way now, and the most there ever were. */
  readonly load = { now: 0, most: 0, requests: 0, renewals: 0, subscribed: 0, notified: 0 }
  laptopAddress = LAPTOP
  private reporting = ''

  constructor(private readonly options: WatchWorldOptions) {
    this.clock = options.clock
    const clock = options.laptop ?? options.clock
    const lastAtMs = options.lastAtMs
    this.desk = new HealthDesk({
      clock,
      store: {
        record: (udn, atMs, values) =>
          void listOf(this.samples, udn).push({ atMs, id: this.reporting, values }),
        gap: (udn, fromMs, toMs, reason) => void listOf(this.gaps, udn).push({ fromMs, toMs, reason }),
        series: async () => ({ from: 'samples', series: [], gaps: [] }),
        ...(lastAtMs ? { lastAtMs } : {}),
      },
      thresholds: options.thresholds ?? [],
      udns: () => this.devices.keys(),
      isOurs: (udn) => this.devices.has(udn),
      certificateEnd: options.certificateEnd ?? (() => undefined),
      isWorkedOn: (udn) => this.workedOn.has(udn),
    })
    this.watch = new DeviceWatch({
      clock,
      link: { dedicated: (udn) => this.line(udn) },
      finder: { get: (udn) => this.sighting(udn) },
      hosted: { routes: this.routes, callbackBase: (address) => `https://${address}:9` },
      log: this.log,
      isOurs: (udn) => this.devices.has(udn),
      told: (udn, told) => void this.told.push({ udn, told }),
      health: {
        report: (udn, report, arrival) => {
          this.reporting = idOf(report)
          return this.desk.report(udn, report, arrival)
        },
        hears: (udn, hearing) => this.desk.hears(udn, hearing),
        missed: (udn) => this.desk.missed(udn),
        onQuiet: (listener) => this.desk.onQuiet(listener),
      },
      newSequence: (udn, sequence) => void this.sequences.set(udn, sequence),
      interfaces: () => this.interfaces(),
      ...(options.room === undefined ? {} : { room: options.room }),
    })
  }

  add(n: number, intervalS = 5, firstMs = intervalS * 1000): WorldDevice {
    const device = new WorldDevice(this, n, intervalS, firstMs)
    this.devices.set(device.udn, device)
    return device
  }

  /** What discovery would tell of: the watch looks at these devices, or at all. */
  look(...devices: readonly WorldDevice[]): void {
    if (this.options.asleep?.()) return
    this.watch.look(devices.length > 0 ? devices.map(({ udn }) => udn) : this.devices.keys())
  }

  /** Whether a NOTIFY to this URL arrives. */
  reaches(url: string): boolean {
    this.load.notified += 1
    if (this.options.asleep?.() || this.options.loses?.('notify')) return false
    return new URL(url).hostname === this.laptopAddress
  }

  async close(): Promise<void> {
    this.desk.close()
    await this.watch.close()
  }

  private async line(udn: string): Promise<EarLine> {
    const device = this.devices.get(udn)
    if (!device) throw new IotmcError('DEVICE_UNKNOWN')
    await this.travel(device, device.address)
    const origin = `https://${device.address}:${device.port}`
    const state = { open: true }
    const http = {
      request: async (r: HttpsRequest): Promise<HttpAnswer> => {
        this.load.requests += 1
        if (r.method === 'SUBSCRIBE') this.load[r.headers?.sid ? 'renewals' : 'subscribed'] += 1
        const { hostname } = new URL(r.url)
        const at =
          device.address === hostname
            ? device
            : [...this.devices.values()].find((one) => one.address === hostname)
        await this.travel(at, hostname)
        if (!state.open || r.signal?.aborted || at?.udn !== udn) {
          throw new IotmcError(state.open && !r.signal?.aborted ? 'UDN_MISMATCH' : 'CANCELLED')
        }
        return { status: 200, headers: {}, body: Buffer.alloc(0), ...at.answer(r) }
      },
      close: async () => {
        state.open = false
      },
    }
    return { http, url: `${origin}/description.xml`, description: descriptionOf(device, origin) }
  }

  private async travel(device: WorldDevice | undefined, hostname: string): Promise<void> {
    this.load.now += 1
    this.load.most = Math.max(this.load.most, this.load.now)
    try {
      await Promise.resolve()
      if (!device?.online || device.address !== hostname || this.options.loses?.('request'))
        throw new IotmcError('DEVICE_UNREACHABLE', { subject: hostname })
    } finally {
      this.load.now -= 1
    }
  }

  private sighting(udn: string): DiscoveredDevice | undefined {
    const device = this.devices.get(udn)
    if (!device) return undefined
    const { address, port } = device
    const nowMs = this.clock.now()
    return {
      udn,
      claim: {
        version: 1,
        phase: 'operation',
        capabilities: device.services.includes('Diagnostics') ? ['diag'] : [],
      },
      addresses: [
        {
          address,
          interfaceName: 'eth0',
          location: `http://${address}/description.xml`,
          secureLocation: `https://${address}:${port}/description.xml`,
          lastSeenMs: nowMs,
        },
      ],
      bootId: device.bootId,
      reboots: 0,
      online: device.online,
      lastSeenMs: nowMs,
      expiresAtMs: nowMs + 1_800_000,
      warnings: [],
    }
  }

  private interfaces(): readonly NetworkInterface[] {
    return [
      {
        name: 'eth0',
        addresses4: [{ address: this.laptopAddress, netmask: '255.255.0.0', prefix: 16 }],
        addresses6LinkLocal: [],
        loopback: false,
      },
    ]
  }
}

const descriptionOf = (device: WorldDevice, origin: string): DeviceDescription => ({
  udn: device.udn,
  deviceType: 'urn:iotmc-org:device:ManagedDevice:1',
  friendlyName: `Device ${device.n}`,
  manufacturer: 'Example maker',
  modelName: 'BX-1',
  services: device.services.map((name) => ({
    serviceType: serviceType(name),
    serviceId: `urn:iotmc-org:serviceId:${name}`,
    scpdUrl: `${origin}/scpd/${name}.xml`,
    controlUrl: `${origin}/control/${name}`,
    eventSubUrl: `${origin}/event/${name}`,
  })),
  embedded: [],
  repairs: [],
})

const listOf = <T>(map: Map<string, T[]>, key: string): T[] => {
  const list = map.get(key) ?? []
  map.set(key, list)
  return list
}
