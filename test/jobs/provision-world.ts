/** A device that is played in memory, and a runner that provisions it in virtual time, by either road. */
import { createHash } from 'node:crypto'
import { IotmcError } from '../../electron/contract/errors'
import type { CertificateSummary } from '../../electron/contract/identity'
import { isEnded, type Job } from '../../electron/contract/job'
import type { Phase } from '../../electron/contract/phases'
import type { NetworkStatus } from '../../electron/contract/provision'
import type { LifecycleState } from '../../electron/jobs/device-link'
import { type CabledDevice, type ProvisionTools, provisionPlan } from '../../electron/jobs/provision'
import { JobRunner } from '../../electron/jobs/runner'
import { udnOf } from '../helpers/device-row'
import { MemoryJournal, makeBench, settle } from './bench'

export const UDN = udnOf(7)
export const CODE = '7K3M9QPT'
export const KEY = 'the-network-key-0815'
export const PORT = '/dev/ttyTEST0'

const LEAF = Buffer.from('a certificate')

const summaryOf = (der: Buffer): CertificateSummary => ({
  subject: 'CN=PX-200',
  issuer: 'CN=Factory',
  serialNumber: '01',
  fingerprint: createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g)?.join(':') ?? '',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '9999-12-31T23:59:59.000Z',
  isCa: false,
})

export class PlayedDevice {
  phase: Phase = 'provisioning'
  status: NetworkStatus = 'none'
  locked = true
  online = true
  /** Whether this laptop is on the network that the device joins. */
  sharesNetwork = true
  address = '192.168.4.1'
  bootId = 3
  leaf = LEAF
  serialNumber = 'PX200-00007'
  kind: 'IDevID' | 'LDevID' = 'IDevID'
  distrust: { code: 'IDENTITY_NOT_TRUSTED' | 'IDENTITY_REVOKED' | 'UDN_MISMATCH'; detail: string } | undefined
  knowsSite = true
  knowsStatusAction = true
  outcome: Extract<NetworkStatus, 'joined' | `failed:${string}`> = 'joined'
  /** The device does what it is told, and its answer never comes. */
  losesAnswer = false
  provenWrong = false
  refusal: Error | undefined
  /** Throws where the device is leaving its site. */
  requireFree: ProvisionTools['requireFree'] = () => undefined
  /** What was sent to it, in order. */
  readonly received: { action: string; args: Readonly<Record<string, string>> }[] = []

  constructor(private readonly after: (ms: number, then: () => void) => void) {}

  /** Takes a network as a device with a radio does: leaves, tries, and is somewhere else or back. */
  take(ssid: string): void {
    if (ssid === '') {
      Object.assign(this, { phase: 'commissioning', status: 'joined' })
      return
    }
    this.status = 'joining'
    this.after(300, () => {
      this.online = false
    })
    this.after(4_000, () => {
      this.bootId += 1
      this.status = this.outcome
      if (this.outcome === 'joined') this.phase = 'commissioning'
      this.online = this.outcome !== 'joined' || this.sharesNetwork
      if (this.outcome === 'joined') this.address = '10.20.0.9'
    })
  }
}

/** Everything that provisioning needs of the world, played by one device. */
export const makeWorld = (via: 'network' | 'serial', ssid = 'Plant') => {
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  let secret: { setupCode?: string; credential: string } | undefined = { setupCode: CODE, credential: KEY }
  const counts = { searches: 0, opened: 0, closed: 0 }
  const journal = new MemoryJournal()
  const made = makeBench((job) => provisionPlan(tools, job), { journal })
  const { clock } = made
  const device = new PlayedDevice((ms, then) => {
    clock.setTimer(() => {
      then()
      tell()
    }, ms)
  })
  const reach = (): void => {
    if (!device.online) throw new IotmcError('DEVICE_OFFLINE', { subject: UDN })
  }
  const state = async (): Promise<LifecycleState> => {
    reach()
    const { phase, serialNumber } = device
    const rest = { model: 'PX-200', firmwareVersion: '1', hardwareRevision: 'C', ldevidSerial: '', group: '' }
    return { phase, serialNumber, configurationVersion: 0, ...rest }
  }
  const provisionNetwork = (args: Readonly<Record<string, string>>) => {
    if (device.refusal) throw device.refusal
    if (args.SetupCode !== CODE) throw new IotmcError('SETUP_CODE_WRONG')
    device.take(args.Ssid ?? '')
    if (device.losesAnswer) throw new IotmcError('TIMED_OUT', { subject: UDN })
    return {}
  }
  const cabled = (): CabledDevice => {
    let close = (): void => undefined
    const closed = new Promise<void>((resolve) => {
      close = resolve
    })
    counts.opened += 1
    const end = async (): Promise<void> => {
      counts.closed += 1
      close()
    }
    return {
      session: { closed, close: end },
      info: async () => ({
        ...{ model: 'PX-200', hardwareRevision: 'C2', firmwareVersion: '1.4.0' },
        phase: device.phase,
        locked: device.locked,
        serialNumber: device.serialNumber,
        ...(device.locked
          ? { udn: UDN, certificate: createHash('sha256').update(device.leaf).digest() }
          : {}),
        networkStatus: device.knowsStatusAction ? device.status : undefined,
      }),
      readChain: async () => [device.leaf],
      challenge: async () => {
        if (device.provenWrong) throw new IotmcError('SELF_TEST_FAILED', { detail: 'another key' })
      },
      network: async (request) => {
        device.received.push({ action: 'network', args: { ...request } })
        if (device.refusal) throw device.refusal
        device.take(request.ssid)
        if (device.losesAnswer) throw new IotmcError('TIMED_OUT', { subject: PORT })
      },
    }
  }
  const tools: ProvisionTools = {
    clock,
    anchorPem: () => 'anchor',
    requireFree: (who) => device.requireFree(who),
    link: {
      state,
      verify: async () => {
        const { phase } = await state()
        const base = { udn: UDN, chain: [summaryOf(device.leaf)], checkedAtMs: clock.now() }
        if (device.distrust) return { ...base, trusted: false, ...device.distrust }
        return { ...base, trusted: true, kind: device.kind, phase }
      },
      call: async (_udn, service, action, args) => {
        reach()
        device.received.push({ action, args })
        if (service === 'Configuration' && !device.knowsSite) throw new IotmcError('NOT_AUTHORIZED')
        if (action === 'ProvisionNetwork') return provisionNetwork(args)
        if (action !== 'GetNetworkStatus') return {}
        if (!device.knowsStatusAction) throw new IotmcError('INVALID_ACTION')
        return { NetworkStatus: device.status }
      },
    },
    trust: {
      judge: ([der]) => {
        const chain = [summaryOf(der ?? Buffer.alloc(0))]
        if (device.distrust) return { ok: false, chain, ...device.distrust }
        return { ok: true, kind: 'IDevID', role: 'Public', udn: UDN, chain }
      },
    },
    sighting: () => ({
      online: device.online,
      bootId: device.bootId,
      claim: { phase: device.phase },
      addresses: [{ address: device.address, interfaceName: 'eth0', location: '', lastSeenMs: 1 }],
    }),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    search: () => {
      counts.searches += 1
    },
    openSerial: async (_path, _signal) => cabled(),
    secretOf: () => secret,
  }
  const params = { via, ssid, ...(via === 'serial' ? { path: PORT } : {}) }
  const submit = (runner: JobRunner = made.runner): Job => {
    const [job] = runner.submit('provision', [via === 'serial' ? PORT : UDN], params)
    if (!job) throw new Error('no job')
    return job
  }
  /** Lets virtual time pass until the job ends or `until` says so; at most 10 minutes. */
  const pass = async (
    id: string,
    until: (job: Job) => boolean = () => false,
    runner: JobRunner = made.runner,
  ): Promise<Job> => {
    for (let i = 0; i < 6_000; i += 1) {
      await settle()
      const job = runner.get(id)
      if (job && (isEnded(job.state) || until(job))) return job
      clock.advance(100)
    }
    throw new Error('the job does not end')
  }
  const run = async (): Promise<Job> => {
    made.runner.start()
    return pass(submit().id)
  }
  const forgetSecret = (): void => {
    secret = undefined
  }
  const setSecret = (next: { setupCode?: string; credential: string }): void => {
    secret = next
  }
  return {
    ...made,
    journal,
    tools,
    device,
    counts,
    listeners,
    submit,
    pass,
    run,
    tell,
    forgetSecret,
    setSecret,
  }
}

export const stepStates = (job: Job): Record<string, string> =>
  Object.fromEntries(job.steps.map(({ name, state }) => [name, state]))

/** A second runner on the same journal, without the secret: what a restart of the program finds. */
export const restarted = (world: ReturnType<typeof makeWorld>): JobRunner => {
  world.forgetSecret()
  const { clock, journal, log, tools } = world
  return new JobRunner({ clock, journal, concurrency: 8, plan: (job) => provisionPlan(tools, job), log })
}

/**
 * Counts every point at which a kill may strike: before and after each write of the journal and each exchange with the
 * device. At the given one the first runner dies: nothing of it has any effect from there on.
 */
export const killing = (world: ReturnType<typeof makeWorld>, killAt: number) => {
  const { clock, journal, log, tools } = world
  const count = { points: 0, dead: false }
  const gone = new Promise<never>(() => undefined)
  const point = (): boolean => {
    if (!count.dead) count.points += 1
    count.dead ||= count.points === killAt
    return count.dead
  }
  const mortal =
    <A extends unknown[], R>(exchange: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (point()) return gone
      const answer = exchange(...args)
      await answer.catch(() => undefined)
      return point() ? gone : answer
    }
  const write = (commit: () => void): void => {
    if (point()) throw new Error('killed')
    commit()
    if (point()) throw new Error('killed')
  }
  const { call, state, verify } = tools.link
  const mortals: ProvisionTools = {
    ...tools,
    link: { call: mortal(call), state: mortal(state), verify: mortal(verify) },
    openSerial: mortal(async (...args) => {
      const { session, ...device } = await tools.openSerial(...args)
      const { info, readChain, challenge, network } = device
      return {
        session,
        info: mortal(info),
        readChain: mortal(readChain),
        challenge: mortal(challenge),
        network: mortal(network),
      }
    }),
  }
  const runner = new JobRunner({
    clock,
    concurrency: 8,
    plan: (job) => provisionPlan(mortals, job),
    log,
    journal: {
      list: () => journal.list(),
      insert: (jobs) => journal.insert(jobs),
      save: (job) => write(() => journal.save(job)),
      remove: (ids) => journal.remove(ids),
    },
  })
  return { runner, count }
}
