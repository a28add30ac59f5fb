/** A peer that nobody here wrote fetches firmware: curl asks and downloads, OpenSSL judges what came. */
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../electron/contract/firmware'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { packBundle } from '../../electron/firmware/bundle'
import { Library } from '../../electron/firmware/library'
import { FIRMWARE_PREFIX, Repository } from '../../electron/firmware/repository'
import { sampleImage } from '../../electron/firmware/sample-image'
import { practiceFirmwareSigner } from '../../electron/firmware/signer'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { TrustStore } from '../../electron/identity/trust'
import { pathOf, UpnpEndpoint } from '../../electron/upnp/endpoint'
import { curl as soap } from './soap-by-curl'
import { type CertificateFiles, deviceCertificate, openssl, Stage, tool } from './stage'

const MODEL = 'PX-200'
let stage: Stage
let endpoint: UpnpEndpoint
let base: string
let id: string
let manifest: Manifest
let image: Buffer
let device: CertificateFiles
let server: CertificateFiles

const files = (name: string, one: { keyPem: string; pem: string }): CertificateFiles => {
  const paths = { key: stage.path(`${name}.key`), cert: stage.path(`${name}.pem`) }
  writeFileSync(paths.key, one.keyPem)
  writeFileSync(paths.cert, one.pem)
  return paths
}

beforeAll(async () => {
  stage = new Stage()
  const now = new Date()
  const factory = await stage.factory()
  const anchors = [factory.certificatePem]
  image = sampleImage({ version: '2.0.0', behaviour: 'healthy', padBytes: 3_000_000 })
  writeFileSync(stage.path('image'), image)
  manifest = await packBundle({
    manifest: {
      format: 1,
      vendor: 'Example maker',
      model: MODEL,
      hardwareRevisions: ['C2'],
      version: '2.0.0',
      securityVersion: 4,
      releaseDate: '2026-01-01T00:00:00Z',
      image: { file: 'image.mjs', format: 'raw' },
      probationHours: 24,
      notes: '',
    },
    imagePath: stage.path('image'),
    ...(await practiceFirmwareSigner(factory, now)),
    out: stage.path('bundle.iotfw'),
    now,
  })
  const library = await Library.open(stage.path('library'), {
    trust: () => ({ anchors, crls: [] }),
    now: () => Date.now(),
  })
  ;({ id } = await library.add(stage.path('bundle.iotfw')))
  const repository = new Repository({ library })
  repository.offer(id)

  const keyPem = generateKeyPem()
  const own = { udn: `uuid:${randomUUID()}`, role: 'Admin', name: 'Controller', now } as const
  const issued = await factory.issueController({ publicKeySpki: publicKeyOf(keyPem), ...own })
  server = files('server', { keyPem, pem: issued.pem })
  const subject = { udn: `uuid:${randomUUID()}`, serialNumber: 'PX200-1' }
  device = files('device', await deviceCertificate(factory, subject, { validityDays: 1, now }))

  const trust = new TrustStore({
    roots: () => anchors,
    siteCa: () => undefined,
    crls: () => [],
    now: () => Date.now(),
  })
  endpoint = new UpnpEndpoint({
    udn: own.udn,
    deviceType: DEVICE_TYPE.controller,
    friendlyName: 'Controller',
    manufacturer: 'M',
    model: 'C',
    serialNumber: '1',
    configId: () => 1,
    services: ['FirmwareRepository'],
    identity: { keyPem, chainPem: issued.chainPem },
    clientCas: anchors,
    clientCertificate: 'required',
    hosts: ['127.0.0.1'],
    judgePeer: (chainDer) => trust.judge(chainDer),
  })
  for (const [name, handler] of Object.entries(repository.actions))
    endpoint.handle('FirmwareRepository', name, handler)
  endpoint.serve(FIRMWARE_PREFIX, async (req, res) => {
    await repository.serveFile(req, res, pathOf(req))
  })
  base = `https://127.0.0.1:${(await endpoint.start()).httpsPort}`
})
afterAll(async () => {
  await endpoint?.close()
  await stage?.close()
})

interface Fetched {
  readonly code: number | string
  readonly status: number
}

/** `to` is the file that curl writes. */
const fetch = async (path: string, to: string, ...more: readonly string[]): Promise<Fetched> => {
  const { code, out } = await tool('curl', [
    ...['--silent', '--noproxy', '*', '--insecure', '--cert', device.cert, '--key', device.key],
    ...['--output', stage.path(to), '--write-out', '%{http_code}', ...more, `${base}${path}`],
  ])
  return { code, status: Number(out) }
}

const got = (name: string): Buffer => readFileSync(stage.path(name))
const imagePath = (): string => `/firmware/${id}/image`
const tag = (): string => `"${manifest.image.sha256}"`

describe('curl', () => {
  it('asks what there is and fetches what the answer names', async () => {
    const answer = await soap({
      url: `${base}/control/FirmwareRepository`,
      service: 'FirmwareRepository',
      action: 'GetFirmwareInfo',
      args: { Model: MODEL, HardwareRevision: 'C2', CurrentVersion: '1.0.0', WantedVersion: '' },
      client: device,
      server: server.cert,
    })
    expect(answer.status).toBe(200)
    expect(answer.field('Version')).toBe('2.0.0')
    expect(answer.field('Size')).toBe(String(image.length))
    expect(answer.field('SecurityVersion')).toBe('4')
    expect(await fetch(answer.field('ImageUrl') ?? '', 'whole')).toEqual({ code: 0, status: 200 })
    expect(got('whole').equals(image)).toBe(true)
    const digest = await openssl('dgst', '-sha256', '-r', stage.path('whole'))
    expect(digest.split(' ')[0]).toBe(answer.field('Checksum'))
    await fetch(answer.field('ManifestUrl') ?? '', 'manifest.json')
    await fetch(answer.field('SignatureUrl') ?? '', 'manifest.p7s')
    const verified = await tool('openssl', [
      ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', stage.path('manifest.p7s')],
      ...['-content', stage.path('manifest.json'), '-CAfile', stage.factoryRoot, '-purpose', 'any'],
      ...['-out', stage.path('verified')],
    ])
    expect([verified.code, verified.err]).toEqual([0, expect.stringMatching(/success/i)])
    expect(JSON.parse(got('verified').toString())).toEqual(manifest)
  })

  it('is told which version is not offered', async () => {
    const answer = await soap({
      url: `${base}/control/FirmwareRepository`,
      service: 'FirmwareRepository',
      action: 'GetFirmwareInfo',
      args: { Model: MODEL, HardwareRevision: 'C2', CurrentVersion: '2.0.0', WantedVersion: '' },
      client: device,
      server: server.cert,
    })
    expect([answer.status, answer.field('errorCode')]).toEqual([500, '733'])
  })

  it('goes on where a download broke off', async () => {
    expect(await fetch(imagePath(), 'part', '--range', '0-1234567')).toEqual({ code: 0, status: 206 })
    expect(got('part').length).toBe(1_234_568)
    expect(await fetch(imagePath(), 'part', '--continue-at', '-')).toEqual({ code: 0, status: 206 })
    expect(got('part').equals(image)).toBe(true)
  })

  it('gets a part of the same file and the whole of another one', async () => {
    const range = ['--range', '5-14'] as const
    expect(await fetch(imagePath(), 'same', ...range, '--header', `If-Range: ${tag()}`)).toMatchObject({
      status: 206,
    })
    expect(got('same').equals(image.subarray(5, 15))).toBe(true)
    expect(await fetch(imagePath(), 'other', ...range, '--header', 'If-Range: "other"')).toMatchObject({
      status: 200,
    })
    expect(got('other').equals(image)).toBe(true)
    expect(await fetch(imagePath(), 'none', '--header', `If-None-Match: ${tag()}`)).toMatchObject({
      status: 304,
    })
    expect(await fetch(imagePath(), 'beyond', '--range', `${image.length}-`)).toMatchObject({ status: 416 })
  })

  it('sees size, tag and ranges without a body', async () => {
    expect(await fetch(imagePath(), 'head', '--head')).toMatchObject({ status: 200 })
    const head = got('head').toString().toLowerCase()
    expect(head).toContain(`content-length: ${image.length}\r\n`)
    expect(head).toContain(`etag: ${tag()}\r\n`)
    expect(head).toContain('accept-ranges: bytes\r\n')
  })

  it.each(['--tlsv1.3', '--tls-max'])('gets nothing without a certificate (%s)', async (flag) => {
    const version = flag === '--tls-max' ? [flag, '1.2'] : [flag]
    const { code, out } = await tool('curl', [
      ...['--silent', '--noproxy', '*', '--insecure', ...version],
      ...['--write-out', '%{http_code} %{size_download}', '--output', stage.path('nothing')],
      `${base}${imagePath()}`,
    ])
    expect(code).not.toBe(0)
    expect(out).toBe('000 0')
  })
})
