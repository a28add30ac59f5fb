/** What the download benchmarks share: certificates, an image, and our server as a process of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { generateKeyPem, publicKeyOf } from '../../../electron/identity/keys'
import { openPracticeFactory } from '../../../electron/identity/practice-factory'
import { checkRequest, createRequest } from '../../../electron/identity/request'

export interface FirmwareServerInput {
  readonly image: string
  readonly id: string
  readonly size: number
  readonly sha256: string
  readonly udn: string
  readonly keyPem: string
  readonly chainPem: string
  readonly rootPem: string
}

/** An entry of a library for an image, as far as the repository looks at it. */
export const bundleOf = (o: { id: string; size: number; sha256: string }): FirmwareBundle => ({
  id: o.id,
  manifest: {
    format: 1,
    vendor: 'Example maker',
    model: 'PX-200',
    hardwareRevisions: ['C2'],
    version: '2.0.0',
    securityVersion: 1,
    releaseDate: '2026-01-01T00:00:00Z',
    image: { file: 'image.bin', format: 'raw', size: o.size, sha256: o.sha256 },
    probationHours: 24,
    notes: '',
  },
  signer: { subject: 'CN=Bench', fingerprint: '', notAfter: '' },
  bytes: o.size,
  addedAtMs: 0,
})

/** PEM files of one side. */
export interface SideFiles {
  readonly key: string
  readonly cert: string
}

/** A server and a client under one root, as PEM and as files for tools. */
export const makeSides = async (folder: string) => {
  const factory = await openPracticeFactory(join(folder, 'factory'))
  const now = new Date()
  const udn = `uuid:${randomUUID()}`
  const serverKey = generateKeyPem()
  const request = { publicKeySpki: publicKeyOf(serverKey), udn, role: 'Admin', name: 'Bench', now } as const
  const server = await factory.issueController(request)
  const names = { udn: `uuid:${randomUUID()}`, serialNumber: 'BENCH-1', model: 'PX-200' }
  const clientKey = generateKeyPem()
  const csr = await checkRequest(await createRequest({ keyPem: clientKey, ...names }))
  const client = await factory.issueIdevid({ csr, ...names, now })
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const files = (name: string, keyPem: string, chainPem: string): SideFiles => ({
    key: file(`${name}.key`, keyPem),
    cert: file(`${name}.pem`, chainPem),
  })
  return {
    root: file('root.pem', factory.certificatePem),
    server: files('server', serverKey, server.chainPem),
    client: files('client', clientKey, client.chainPem),
    input: { udn, keyPem: serverKey, chainPem: server.chainPem, rootPem: factory.certificatePem },
  }
}

const PIECE_BYTES = 1024 * 1024

/** A file of random bytes; `bytes` in whole MiB. */
export const makeImage = (path: string, bytes: number) => {
  const hash = createHash('sha256')
  const piece = randomBytes(PIECE_BYTES)
  const fd = openSync(path, 'w')
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    piece.writeUInt32BE(at / PIECE_BYTES)
    hash.update(piece)
    writeSync(fd, piece)
  }
  closeSync(fd)
  return { image: path, size: bytes, sha256: hash.digest('hex'), id: 'f1'.repeat(32) }
}

export interface FirmwareServer {
  readonly url: string
  readonly pid: number
  /** Highest resident memory so far, MiB. */
  peakMib(): Promise<number>
  end(): Promise<void>
}

const nextLine = (lines: AsyncIterator<string>): Promise<string> =>
  lines.next().then(({ value, done }) => {
    if (done) throw new Error('the firmware server ended')
    return value
  })

/** Starts our server; the program that runs is this one in another role. */
export const startFirmwareServer = async (
  folder: string,
  input: FirmwareServerInput,
): Promise<FirmwareServer> => {
  const path = join(folder, 'server.json')
  writeFileSync(path, JSON.stringify(input))
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [process.argv[1] ?? ''],
    {
      env: { ...process.env, IOTMC_BENCH_ROLE: 'firmware-server', IOTMC_BENCH_INPUT: path },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const port = await nextLine(lines)
  return {
    url: `https://127.0.0.1:${port}/firmware/${input.id}/image`,
    pid: child.pid ?? 0,
    peakMib: async () => {
      child.stdin.write('peak\n')
      return Math.round(Number(await nextLine(lines)) / 1024)
    },
    end: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** Fetches a URL `count` times at once by one curl and throws the bytes away; resolves with the seconds that it took. */
export const fetchByCurl = async (
  url: string,
  o: { readonly client: SideFiles; readonly count: number; readonly size: number },
): Promise<number> => {
  const { client, count, size } = o
  const config = Array.from(
    { length: count },
    () => `url = "${url}"\noutput = "/dev/null"\nwrite-out = "%{http_code} %{size_download}\\n"`,
  )
  const beganMs = performance.now()
  const child = spawn(
    'curl',
    [
      ...['--disable', '--no-progress-meter', '--noproxy', '*', '--insecure', '--http1.1'],
      ...['--cert', client.cert, '--key', client.key],
      ...['--parallel', '--parallel-immediate', '--parallel-max', String(count), '--config', '-'],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  child.stdin.end(config.join('\n'))
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  await new Promise((resolve) => child.once('close', resolve))
  const seconds = (performance.now() - beganMs) / 1000
  const whole = out.split('\n').filter((line) => line === `200 ${size}`).length
  if (whole !== count) throw new Error(`only ${whole} of ${count} downloads were whole: ${out.slice(0, 300)}`)
  return seconds
}

/** Clock ticks a second of `/proc/<pid>/stat`; 100 on every Linux that is in use. */
const TICKS_PER_S = 100

/** Processor seconds of a process and its children so far, in user and kernel mode. */
export const cpuSeconds = (pid: number): number => {
  const text = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  // The name of the program is in parentheses and may hold anything.
  const fields = text('stat').replace(/^.*\)/s, '').trim().split(' ')
  const children = text(`task/${pid}/children`).trim().split(' ').filter(Boolean)
  const own = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
  return children.reduce((sum, child) => sum + cpuSeconds(Number(child)), own)
}
