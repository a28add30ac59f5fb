/** The reference device against programs of others: openssl, curl, gssdp-discover. */
import { execFile, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEVICE_TYPE, serviceType } from '../../electron/contract/names'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { killDevices, type Ready, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

const run = promisify(execFile)
let folder = ''
let ready: Ready

const file = (name: string) => join(folder, name)

beforeAll(async () => {
  requirePrivateNetwork()
  folder = makeFolder('tools')
  const site = await makeAuthority('Site')
  await openPracticeFactory(file('factory'))
  writeFileSync(file('site.pem'), site.certificatePem)
  for (const role of ['Admin', 'Basic'] as const) {
    const client = await makeClient(site, role)
    writeFileSync(file(`${role}.key`), client.keyPem)
    writeFileSync(file(`${role}.pem`), client.chainPem)
  }
  const device = await startDevice([
    ...[
      '--state',
      file('state'),
      '--interface',
      'lo',
      '--factory',
      file('factory'),
      '--anchor',
      file('site.pem'),
    ],
  ])
  ready = await device.ready
})
afterAll(killDevices)

describe('openssl', () => {
  it('verifies the factory identity as a client and as a server, and reads it as 802.1AR asks', async () => {
    const pem = file('state/idevid.pem')
    for (const purpose of ['sslclient', 'sslserver']) {
      const { stdout } = await run('openssl', [
        'verify',
        '-purpose',
        purpose,
        '-CAfile',
        ready.factoryRoot,
        pem,
      ])
      expect(stdout).toContain('OK')
    }
    const { stdout } = await run('openssl', ['x509', '-in', pem, '-noout', '-text'])
    expect(stdout).toContain(`URI:urn:${ready.udn}`)
    expect(stdout).toMatch(/Not After : Dec 31 23:59:59 9999 GMT/)
    expect(stdout).toContain(`serialNumber = ${ready.serial}`)
    expect(stdout).toContain('prime256v1')
  })

  it.each(['tls1_2', 'tls1_3'])('shakes hands by %s with both certificates', async (version) => {
    const { host } = new URL(ready.secureLocation)
    const client = ['-cert', file('Admin.pem'), '-key', file('Admin.key')]
    const args = [
      's_client',
      '-ign_eof',
      '-connect',
      host,
      `-${version}`,
      '-CAfile',
      ready.factoryRoot,
      ...client,
    ]
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdin.end('HEAD /description.xml HTTP/1.0\r\n\r\n')
    let said = ''
    for await (const chunk of child.stdout) said += String(chunk)
    expect(said).toContain('Verify return code: 0 (ok)')
    expect(said).toContain('HTTP/1.1 200')
  })

  it('does not get in by TLS 1.1', async () => {
    const { host } = new URL(ready.secureLocation)
    const args = ['s_client', '-connect', host, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']
    await expect(run('openssl', args)).rejects.toThrow()
  })
})

const soap = async (role: string, service: 'Lifecycle' | 'Configuration', action: string, args = '') => {
  const type = serviceType(service)
  const body = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${type}">${args}</u:${action}></s:Body></s:Envelope>`
  const { stdout } = await run('curl', [
    ...['--silent', '--show-error', '--cacert', ready.factoryRoot, '--insecure'],
    ...['--cert', file(`${role}.pem`), '--key', file(`${role}.key`)],
    ...['--header', 'Content-Type: text/xml; charset="utf-8"', '--header', `SOAPAction: "${type}#${action}"`],
    ...['--data-binary', body, '--write-out', '\n%{http_code}'],
    new URL(`/control/${service}`, ready.secureLocation).href,
  ])
  return stdout
}

describe('curl', () => {
  it('calls actions and gets answers and faults in the form of UDA', async () => {
    const state = await soap('Basic', 'Lifecycle', 'GetLifecycleState')
    expect(state).toContain('<LifecycleState>commissioning</LifecycleState>')
    expect(state).toMatch(/\n200$/)
    const refused = await soap('Basic', 'Lifecycle', 'Reboot')
    expect(refused).toContain('<errorCode>606</errorCode>')
    expect(refused).toMatch(/\n500$/)
    const args =
      '<ConfigurationVersion>1</ConfigurationVersion><Values>{"Pump.Colour":"red","Pump.MaxFlow":"900"}</Values>'
    const unknown = await soap('Admin', 'Configuration', 'SetValues', args)
    expect(unknown).toContain('<errorCode>730</errorCode>')
    expect(unknown).toContain('Pump.Colour')
    expect(await soap('Admin', 'Lifecycle', 'Dance')).toContain('<errorCode>401</errorCode>')
  })

  it('gets nothing without a certificate of the site', async () => {
    const url = new URL('/description.xml', ready.secureLocation).href
    await expect(run('curl', ['--silent', '--insecure', url])).rejects.toThrow()
    const { stdout } = await run('curl', ['--silent', ready.location])
    expect(stdout).toContain(ready.udn)
  })
})

describe('gssdp-discover', () => {
  it('finds the device by its type', async () => {
    const child = spawn('gssdp-discover', ['-i', 'lo', '-t', DEVICE_TYPE.managed, '-n', '10'], {
      stdio: 'pipe',
    })
    const found = await new Promise<string>((done, reject) => {
      let said = ''
      createInterface({ input: child.stdout }).on('line', (line) => {
        said += `${line}\n`
        if (line.includes(ready.location)) done(said)
      })
      child.once('close', () => reject(new Error(`not found: ${said}`)))
    })
    child.kill()
    expect(found).toContain(DEVICE_TYPE.managed)
    expect(readFileSync(file('state/state.json'), 'utf8')).toContain(ready.udn)
  })
})
