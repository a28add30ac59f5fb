/** OpenSSL and curl, which know nothing of this program, as judges of who gets in and who does not. */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEVICE_TYPE, serviceType } from '../../electron/contract/names'
import { Authority } from '../../electron/identity/authority'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { TrustStore } from '../../electron/identity/trust'
import { Vault } from '../../electron/identity/vault'
import { HttpsClient } from '../../electron/net/https-client'
import type { TlsIdentity } from '../../electron/net/tls'
import { UpnpEndpoint } from '../../electron/upnp/endpoint'

const dir = mkdtempSync(join(tmpdir(), 'iotmc-interop-'))
const path = (name: string): string => join(dir, name)
const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-00000000000${n}`

let site: Authority
let endpoint: UpnpEndpoint
let port: number
let calls: string[]
let crl: string | undefined

interface Outcome {
  readonly code: number
  readonly out: string
}

const run = (program: string, args: readonly string[], input = ''): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(program, [...args], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out: `${stdout}\n${stderr}` }),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })

const person = async (
  authority: Authority,
  n: number,
  file: string,
): Promise<TlsIdentity & { serial: string }> => {
  const keyPem = generateKeyPem()
  const issued = await authority.issueController({
    publicKeySpki: publicKeyOf(keyPem),
    udn: udnOf(n),
    role: 'Admin',
    name: file,
    now: new Date(),
  })
  writeFileSync(path(`${file}.key`), keyPem)
  writeFileSync(path(`${file}.pem`), issued.chainPem)
  return { keyPem, chainPem: issued.chainPem, serial: issued.serialNumber }
}

const authority = async (name: string): Promise<Authority> => {
  const vault = await Vault.create(path(`${name}-vault`), { passphrase: 'interop' })
  return Authority.create(vault, name, { commonName: name, years: 10, pathLen: 0 })
}

beforeAll(async () => {
  site = await authority('site')
  const foreign = await authority('foreign')
  writeFileSync(path('site-ca.pem'), site.certificatePem)
  const device = await person(site, 1, 'device')
  await person(site, 2, 'admin')
  await person(foreign, 3, 'foreign')
  const revoked = await person(site, 4, 'revoked')
  crl = await site.issueCrl([{ serialNumber: revoked.serial, atMs: Date.now() - 1000 }], new Date())
  const trust = new TrustStore({
    roots: () => [],
    siteCa: () => site.certificatePem,
    crls: () => (crl ? [crl] : []),
    now: () => Date.now(),
  })
  calls = []
  endpoint = new UpnpEndpoint({
    udn: udnOf(1),
    deviceType: DEVICE_TYPE.managed,
    friendlyName: 'Interop',
    manufacturer: 'M',
    model: 'L1',
    serialNumber: 'SN-1',
    configId: () => 1,
    services: ['Lifecycle'],
    identity: device,
    clientCas: [site.certificatePem],
    clientCertificate: 'required',
    hosts: ['127.0.0.1'],
    judgePeer: (chain) => trust.judge(chain),
  })
  endpoint.handle('Lifecycle', 'Identify', ({ Seconds }, { peerUdn }) => {
    calls.push(`${Seconds} ${peerUdn}`)
    return {}
  })
  port = (await endpoint.start()).httpsPort
})

afterAll(async () => {
  await endpoint?.close()
  rmSync(dir, { recursive: true, force: true })
})

const identityArgs = (who?: string): string[] =>
  who ? ['-cert', path(`${who}.pem`), '-key', path(`${who}.key`)] : []
const GET = 'GET /description.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

const sClient = (who: string | undefined, ...more: string[]): Promise<Outcome> =>
  run(
    'openssl',
    [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-CAfile',
      path('site-ca.pem'),
      '-verify_return_error',
      '-ign_eof',
    ].concat(identityArgs(who), more),
    GET,
  )

const curl = (who: string | undefined, ...more: string[]): Promise<Outcome> => {
  const certificate = who ? ['--cert', path(`${who}.pem`), '--key', path(`${who}.key`)] : []
  // -k: the name is a UDN, which curl has no way to check; s_client checks the chain.
  const args = ['-sk', '-w', '\n%{http_code}\n', ...certificate, ...more]
  return run('curl', args)
}
const control = (): string => `https://127.0.0.1:${port}/control/Lifecycle`
const identify = [
  ...[
    '-H',
    'Content-Type: text/xml; charset="utf-8"',
    '-H',
    `SOAPACTION: "${serviceType('Lifecycle')}#Identify"`,
  ],
  ...[
    '--data-binary',
    '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><m:Identify xmlns:m='.concat(
      `"${serviceType('Lifecycle')}"><Seconds>7</Seconds></m:Identify></E:Body></E:Envelope>`,
    ),
  ],
]

describe('OpenSSL s_client', () => {
  it.each(['-tls1_2', '-tls1_3'])(
    'gets in with a certificate of the site and finds the chain good (%s)',
    async (version) => {
      const { out } = await sClient('admin', version)
      expect(out).toContain('Verify return code: 0 (ok)')
      expect(out).toContain('HTTP/1.1 200 OK')
      expect(out).toContain(`<UDN>${udnOf(1)}</UDN>`)
    },
  )

  it.each(['-tls1_2', '-tls1_3'])(
    'gets nothing without, with a foreign and with a revoked certificate (%s)',
    async (version) => {
      for (const who of [undefined, 'foreign', 'revoked']) {
        const { out } = await sClient(who, version)
        expect(out).not.toContain('HTTP/1.1')
        expect(out).not.toContain('<root')
      }
      expect((await sClient(undefined, version)).out).toMatch(
        /alert (handshake failure|certificate required)/,
      )
    },
  )

  it('is refused below TLS 1.2', async () => {
    const { out } = await sClient('admin', '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')
    expect(out).toMatch(/alert protocol version|unsupported protocol|no protocols available/)
    expect(out).not.toContain('HTTP/1.1')
  })

  it.each(['-tls1_2', '-tls1_3'])('is never given a session to resume (%s)', async (version) => {
    await sClient('admin', version, '-sess_out', path('session'))
    const second = await sClient('admin', version, '-sess_in', path('session'))
    expect(second.out).not.toContain('Reused,')
    expect((await sClient('admin', version)).out).toContain('New, ')
  })
})

describe('curl', () => {
  it('calls an action with a certificate of the site', async () => {
    const { out } = await curl('admin', ...identify, control())
    expect(out).toContain('IdentifyResponse')
    expect(out).toContain('\n200\n')
    expect(calls).toEqual([`7 ${udnOf(2)}`])
  })

  it('sends in chunks, and gets a fault for what is out of range', async () => {
    const chunked = await curl('admin', '-H', 'Transfer-Encoding: chunked', ...identify, control())
    expect(chunked.out).toContain('\n200\n')
    const bad = identify.map((arg) => arg.replace('<Seconds>7<', '<Seconds>9999<'))
    const { out } = await curl('admin', ...bad, control())
    expect(out).toContain('<errorCode>601</errorCode>')
    expect(out).toContain('\n500\n')
  })

  it.each([undefined, 'foreign', 'revoked'])('is refused before HTTP as %s', async (who) => {
    const before = calls.length
    const { code, out } = await curl(who, ...identify, control())
    expect(code).not.toBe(0)
    expect(out).toContain('000')
    expect(calls).toHaveLength(before)
  })

  it('follows the rules of GENA', async () => {
    const event = `https://127.0.0.1:${port}/event/Lifecycle`
    const subscribe = (...headers: string[]) =>
      curl('admin', '-i', '-X', 'SUBSCRIBE', ...headers.flatMap((header) => ['-H', header]), event)
    const callback = 'CALLBACK: <https://127.0.0.1:9/n>'
    const granted = await subscribe(callback, 'NT: upnp:event', 'TIMEOUT: Second-300')
    expect(granted.out).toMatch(/^timeout: Second-300/im)
    const sid = /^sid: (uuid:\S+)/im.exec(granted.out)?.[1] ?? ''
    expect((await subscribe(`SID: ${sid}`)).out).toContain('\n200\n')
    expect((await subscribe(`SID: ${sid}`, 'NT: upnp:event')).out).toContain('\n400\n')
    expect((await subscribe('SID: uuid:other')).out).toContain('\n412\n')
    expect((await subscribe('CALLBACK: <https://203.0.113.7/n>', 'NT: upnp:event')).out).toContain('\n412\n')
    expect((await curl('admin', '-X', 'UNSUBSCRIBE', '-H', `SID: ${sid}`, event)).out).toContain('\n200\n')
    expect((await curl('admin', '-X', 'UNSUBSCRIBE', '-H', `SID: ${sid}`, event)).out).toContain('\n412\n')
  })
})

describe('OpenSSL s_server', () => {
  const serve = async (...more: string[]) => {
    const args = ['s_server', '-accept', '127.0.0.1:0', '-CAfile', path('site-ca.pem'), '-www', ...more]
    const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const found = await new Promise<number>((resolve, reject) => {
      let text = ''
      const hear = (chunk: Buffer): void => {
        text += chunk.toString()
        const match = /ACCEPT \S+:(\d+)/.exec(text)
        if (match) resolve(Number(match[1]))
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', () => reject(new Error(text)))
    })
    return { url: `https://127.0.0.1:${found}/`, stop: () => child.kill() }
  }
  const get = async (url: string, identity?: TlsIdentity) => {
    const trust = new TrustStore({
      roots: () => [],
      siteCa: () => site.certificatePem,
      crls: () => (crl ? [crl] : []),
      now: () => Date.now(),
    })
    const client = new HttpsClient({
      ...(identity ? { identity } : {}),
      cas: [site.certificatePem],
      judgePeer: (peer) => trust.judge(peer.chainDer, { udn: udnOf(1) }),
    })
    try {
      return await client.request({ url, method: 'GET' })
    } finally {
      await client.close()
    }
  }

  it.each(['-tls1_2', '-tls1_3'])('is shown our certificate and accepts it (%s)', async (version) => {
    const server = await serve(version, '-Verify', '3', '-verify_return_error', ...identityArgs('device'))
    const me = await person(site, 2, 'me')
    const answer = await get(server.url, me)
    expect(answer.body.toString()).toContain('s_server')
    await expect(get(server.url)).rejects.toMatchObject({ code: 'TLS_REFUSED' })
    server.stop()
  })

  it.each([
    ['foreign', 'IDENTITY_NOT_TRUSTED'],
    ['revoked', 'IDENTITY_REVOKED'],
    ['admin', 'UDN_MISMATCH'],
  ])('is refused as %s with %s', async (who, code) => {
    const server = await serve(...identityArgs(who))
    await expect(get(server.url)).rejects.toMatchObject({ code })
    server.stop()
  })
})
