/**
 * Health events of 500 devices over mutual TLS, from the wire through subscription, judgement and storage to the change that the
 * window is told; beside plain requests of the same size to a bare server, in the same run and from the same senders.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DEFAULT_THRESHOLDS } from '../../electron/contract/health'
import { DEVICE_TYPE, serviceType } from '../../electron/contract/names'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { generateKeyPem } from '../../electron/identity/keys'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { systemClock } from '../../electron/net/clock'
import { HttpsClient } from '../../electron/net/https-client'
import { TLS_OPTIONS } from '../../electron/net/tls'
import { HealthDesk } from '../../electron/operation/health-desk'
import { DeviceWatch } from '../../electron/site/device-watch'
import { UpnpEndpoint } from '../../electron/upnp/endpoint'
import { udnOf } from '../helpers/device-row'
import { makeAuthority, makeClient } from '../helpers/device-site'
import { makeTempDir } from '../helpers/temp-dir'
import type { Print } from './support/print'
import { quietLog } from './support/quiet'

const DEVICES = 500
const PROCESSES = 2
const WITHIN_MS = 120_000
const MEASURE_MS = 10_000
/** Subscribed to at a time: what is measured is not how many handshakes this machine can do at once. */
const SLICE = 8
/** Before each measurement, so that code is warm. */
const SETTLE_MS = 2_000

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Crowd {
  readonly child: ChildProcess
  readonly port: number
  /** Resolves when every device of it has begun with what it was told last. */
  going(): Promise<void>
}

const startCrowd = async (file: string): Promise<Crowd> => {
  const child = spawn(process.execPath, [process.argv[1] ?? ''], {
    env: { ...process.env, IOTMC_BENCH_ROLE: 'health-devices', IOTMC_BENCH_INPUT: file },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const line = (): Promise<string> =>
    new Promise((resolve, reject) => {
      child.once('exit', () => reject(new Error('the devices ended')))
      lines.once('line', resolve)
    })
  const port = Number(await line())
  return { child, port, going: async () => void (await line()) }
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const site = await makeAuthority('Bench')
  const controller = await makeClient(site, 'Admin')
  const trust = new TrustStore({
    roots: () => [],
    siteCa: () => site.certificatePem,
    crls: () => [],
    now: () => Date.now(),
  })
  const identities = []
  for (let n = 0; n < DEVICES; n++) {
    const keyPem = generateKeyPem()
    const names = { udn: udnOf(n), serialNumber: `BENCH-${n}`, model: 'EM-3' }
    const csr = await checkRequest(await createRequest({ keyPem, ...names }))
    const { chainPem } = await site.issueLdevid({ csr, ...names, now: new Date(), validityDays: 30 })
    identities.push({ keyPem, chainPem })
  }
  const each = DEVICES / PROCESSES
  const crowds: Crowd[] = []
  for (let p = 0; p < PROCESSES; p++) {
    const file = join(temp.path, `devices-${p}.json`)
    const part = identities.slice(p * each, (p + 1) * each)
    writeFileSync(file, JSON.stringify({ anchorPem: site.certificatePem, identities: part }), { mode: 0o600 })
    crowds.push(await startCrowd(file))
  }
  const tell = (line: string): void => {
    for (const { child } of crowds) child.stdin?.write(`${line}\n`)
  }
  const tellAndSettle = async (line: string): Promise<void> => {
    const going = crowds.map((crowd) => crowd.going())
    tell(line)
    await Promise.all(going)
    await wait(SETTLE_MS)
  }

  const endpoint = new UpnpEndpoint({
    udn: controller.udn,
    deviceType: DEVICE_TYPE.controller,
    friendlyName: 'Bench',
    manufacturer: 'Bench',
    model: 'Bench',
    serialNumber: '1',
    configId: () => 1,
    services: ['Enrollment'],
    identity: controller,
    clientCas: [site.certificatePem],
    clientCertificate: 'required',
    judgePeer: (chainDer) => trust.judge(chainDer),
    hosts: ['127.0.0.1'],
  })
  await endpoint.start()
  const store = DiagnosticsStore.open(join(temp.path, 'diagnostics.sqlite'), {
    clock: systemClock,
    log: quietLog,
  })
  const udns = identities.map((_, n) => udnOf(n))
  const ours = new Set(udns)
  const desk = new HealthDesk({
    clock: systemClock,
    store: store.health,
    thresholds: DEFAULT_THRESHOLDS,
    udns: () => udns,
    isOurs: (udn) => ours.has(udn),
    certificateEnd: () => undefined,
  })
  let taken = 0
  let emitted = 0
  let latencies: number[] = []
  desk.onChange((changed) => {
    const nowMs = performance.timeOrigin + performance.now()
    emitted += changed.length
    for (const { values } of changed) latencies.push(nowMs - (values.uptime ?? 0) * 1000)
  })
  const port = (n: number): number => crowds[Math.floor(n / each)]?.port ?? 0
  const watch = new DeviceWatch({
    clock: systemClock,
    log: quietLog,
    hosted: {
      routes: endpoint.routes,
      callbackBase: (address) => new URL(endpoint.locations(address).secureLocation).origin,
    },
    interfaces: () => [
      {
        name: 'lo',
        addresses4: [{ address: '127.0.0.1', netmask: '255.0.0.0', prefix: 8 }],
        addresses6LinkLocal: [],
        loopback: true,
      },
    ],
    isOurs: (udn) => ours.has(udn),
    told: () => undefined,
    newSequence: () => undefined,
    health: {
      report: (udn, report, arrival) => {
        const isNew = desk.report(udn, report, arrival)
        if (isNew) taken += 1
        return isNew
      },
      hears: (udn, hearing) => desk.hears(udn, hearing),
      missed: (udn) => desk.missed(udn),
      onQuiet: (listener) => desk.onQuiet(listener),
    },
    finder: {
      get: (udn) => ({
        udn,
        claim: { version: 1, phase: 'operation', capabilities: ['diag'] },
        addresses: [
          {
            address: '127.0.0.1',
            interfaceName: 'lo',
            location: `http://127.0.0.1/${udn}`,
            secureLocation: `https://127.0.0.1:${port(udns.indexOf(udn))}/${udn}`,
            lastSeenMs: 0,
          },
        ],
        reboots: 0,
        online: true,
        lastSeenMs: 0,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
        warnings: [],
      }),
    },
    link: {
      dedicated: async (udn) => {
        const n = udns.indexOf(udn)
        const origin = `https://127.0.0.1:${port(n)}`
        const http = new HttpsClient({
          identity: controller,
          cas: [site.certificatePem],
          judgePeer: () => ({ ok: true }),
        })
        const eventSubUrl = `${origin}/event/${n % each}/Diagnostics`
        const service = {
          serviceType: serviceType('Diagnostics'),
          serviceId: 'urn:iotmc-org:serviceId:Diagnostics',
          scpdUrl: `${origin}/scpd`,
          controlUrl: `${origin}/control`,
          eventSubUrl,
        }
        const description = {
          udn,
          deviceType: DEVICE_TYPE.managed,
          friendlyName: udn,
          manufacturer: 'Bench',
          modelName: 'EM-3',
          services: [service],
          embedded: [],
          repairs: [],
        }
        return { http, url: `${origin}/${udn}`, description }
      },
    },
  })
  const bare = createServer(
    {
      ...TLS_OPTIONS,
      key: controller.keyPem,
      cert: controller.chainPem,
      ca: site.certificatePem,
      requestCert: true,
      keepAliveTimeout: 15_000,
    },
    (req, res) => {
      req.resume()
      req.once('end', () => {
        posts += 1
        res.writeHead(200, { 'content-length': 0 }).end()
      })
    },
  )
  let posts = 0
  try {
    const startMs = performance.now()
    for (let from = 0; from < DEVICES; from += SLICE) {
      watch.look(udns.slice(from, from + SLICE))
      while (taken < from + SLICE && performance.now() - startMs < WITHIN_MS) await wait(5)
    }
    print('health-subscribe-500', Math.round(performance.now() - startMs), 'ms')
    print('health-subscribed', taken, 'devices')

    await tellAndSettle('paced')
    latencies = []
    taken = 0
    await wait(MEASURE_MS)
    const sorted = latencies.sort((a, b) => a - b)
    print('health-paced-events', Math.round((taken * 1000) / MEASURE_MS), '/s')
    print('health-wire-to-change-p50', Number(percentile(sorted, 0.5).toFixed(1)), 'ms')
    print('health-wire-to-change-p99', Number(percentile(sorted, 0.99).toFixed(1)), 'ms')

    await tellAndSettle('full')
    taken = 0
    emitted = 0
    const cpu = process.cpuUsage()
    const fullMs = performance.now()
    await wait(MEASURE_MS)
    const events = (taken * 1000) / (performance.now() - fullMs)
    const { user, system } = process.cpuUsage(cpu)
    print('health-events-taken-in', Math.round(events), '/s')
    print('health-event-cpu', Number(((user + system) / Math.max(1, taken)).toFixed(0)), 'µs')
    print('health-changes-told', Math.round((emitted * 1000) / MEASURE_MS), '/s')
    tell('stop')

    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve))
    await tellAndSettle(`post https://127.0.0.1:${(bare.address() as AddressInfo).port}/`)
    posts = 0
    const bareMs = performance.now()
    await wait(MEASURE_MS)
    const rate = (posts * 1000) / (performance.now() - bareMs)
    tell('stop')
    print('bare-https-posts', Math.round(rate), '/s')
    print('health-events-beside-bare-https', Number((events / rate).toFixed(2)), 'ratio')
  } finally {
    for (const { child } of crowds) child.kill('SIGKILL')
    bare.closeAllConnections()
    bare.close()
    desk.close()
    await watch.close()
    await endpoint.close()
    await store.close()
    temp.remove()
  }
}
