/**
 * Devices that report health, many in one process: each has its own certificate and connection. On standard input they are told
 * how to go on: `paced` = a report a second each, `full` = the next report as soon as the last was taken, `post URL` = the same
 * bodies as plain requests, `stop`. Prints the port on which they can be subscribed to, and `going` when every one is connected.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { Slots } from '../../../electron/jobs/slots'
import { HttpsClient } from '../../../electron/net/https-client'
import { TLS_OPTIONS } from '../../../electron/net/tls'
import { encodePropertySet, nextSeq, parseCallback } from '../../../electron/upnp/gena-message'

interface Input {
  readonly anchorPem: string
  readonly identities: readonly { keyPem: string; chainPem: string }[]
}

interface Device {
  readonly client: HttpsClient
  readonly n: number
  callback: string | undefined
  seq: number
  reports: number
}

const GREETINGS = 20
/** Handshakes at a time: all at once would take longer than a client waits for one. */
const doors = new Slots(4)

const input = JSON.parse(readFileSync(process.env.IOTMC_BENCH_INPUT ?? '', 'utf8')) as Input
const devices = input.identities.map((identity, n): Device => {
  const client = new HttpsClient({ identity, cas: [input.anchorPem], judgePeer: () => ({ ok: true }) })
  return { client, n, callback: undefined, seq: 0, reports: 0 }
})
const [first] = input.identities
let mode = 'stop'
let postUrl = ''
let connections = 0

/** The moment, in s with fractions, travels as the uptime. */
const body = (device: Device): string => {
  const nowMs = performance.timeOrigin + performance.now()
  device.reports += 1
  return encodePropertySet({
    Health: JSON.stringify({
      time: new Date(nowMs).toISOString(),
      clockSynchronised: true,
      boot: 1,
      uptimeS: nowMs / 1000,
      intervalS: 5,
      temperatureC: 41.3,
      supplyV: 12.04,
      memoryFreeBytes: 123_456,
      memoryTotalBytes: 262_144,
      link: { name: 'eth0', up: true, speedMbps: 100, errors: 0 },
      counts: { critical: 0, error: 0, warning: 3 },
    }),
    LogSequence: String(device.reports),
  })
}

const notify = async (device: Device): Promise<void> => {
  if (!device.callback) return
  const { seq } = device
  device.seq = nextSeq(seq)
  await device.client.request({
    url: device.callback,
    method: 'NOTIFY',
    headers: {
      'content-type': 'text/xml; charset="utf-8"',
      nt: 'upnp:event',
      nts: 'upnp:propchange',
      sid: `uuid:${process.pid}-${device.n}`,
      seq: String(seq),
    },
    body: body(device),
  })
}

const post = async (device: Device): Promise<void> => {
  const headers = { 'content-type': 'text/xml; charset="utf-8"' }
  await device.client.request({ url: postUrl, method: 'POST', headers, body: body(device) })
}

/** The first request of a device, repeated until its connection stands. */
const connected = async (send: () => Promise<void>): Promise<void> => {
  await doors.take(0, new AbortController().signal)
  try {
    for (let attempt = 0; attempt < GREETINGS; attempt++) {
      try {
        await send()
        return
      } catch {
        await wait(100)
      }
    }
  } finally {
    doors.release()
  }
}

/** The first event, which also makes the connection; many handshakes at once may take longer than a client waits. */
const greet = async (device: Device): Promise<void> => {
  await connected(async () => {
    device.seq = 0
    await notify(device)
  })
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const lane = async (device: Device): Promise<void> => {
  const send = mode === 'post' ? post : notify
  const paced = mode === 'paced'
  const began = mode
  await connected(() => send(device))
  connections += 1
  if (connections === devices.length) process.stdout.write('going\n')
  if (paced) await wait((device.n / devices.length) * 1000)
  while (mode === began) {
    const startMs = performance.now()
    await send(device).catch((thrown: unknown) => process.stderr.write(`${String(thrown)}\n`))
    if (paced) await wait(Math.max(0, 1000 - (performance.now() - startMs)))
  }
}

const server = createServer(
  {
    ...TLS_OPTIONS,
    key: first?.keyPem,
    cert: first?.chainPem,
    ca: input.anchorPem,
    requestCert: true,
    keepAliveTimeout: 60_000,
  },
  (req, res) => {
    const device = devices[Number(req.url?.split('/')[2])]
    req.resume()
    if (!device || req.method !== 'SUBSCRIBE') {
      res.writeHead(req.method === 'UNSUBSCRIBE' ? 200 : 404, { 'content-length': 0 }).end()
      return
    }
    const headers = { sid: `uuid:${process.pid}-${device.n}`, timeout: 'Second-1800', 'content-length': 0 }
    res.writeHead(200, headers).end()
    if (req.headers.sid) return
    device.callback = parseCallback(String(req.headers.callback ?? ''))[0]
    device.seq = 0
    void greet(device)
  },
)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
createInterface({ input: process.stdin }).on('line', (line) => {
  const [word = '', url = ''] = line.split(' ')
  mode = word
  postUrl = url
  connections = 0
  if (mode !== 'stop') for (const device of devices) void lane(device)
})
await new Promise(() => undefined)
