import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { DEVICE_TYPE, type Role, serviceType } from '../../electron/contract/names'
import { plainGet } from '../../electron/net/http-client'
import { HttpsClient } from '../../electron/net/https-client'
import { parseDescription } from '../../electron/upnp/description'
import { type EndpointOptions, UpnpEndpoint } from '../../electron/upnp/endpoint'
import { parseScpd } from '../../electron/upnp/scpd'
import { SoapClient } from '../../electron/upnp/soap-client'
import { issue, makeRoot, type TestCertificate } from '../net/pki'

const UDN = 'uuid:12345678-1234-1234-1234-1234567890ab'
let root: TestCertificate
let device: TestCertificate
const people: Partial<Record<Role | 'Revoked', TestCertificate>> = {}
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  root = await makeRoot('Root')
  device = await issue({ name: 'Device', issuer: root })
  for (const name of ['Public', 'Basic', 'Admin', 'Revoked'] as const)
    people[name] = await issue({ name, issuer: root })
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const person = (name: Role | 'Revoked'): TestCertificate => people[name] as TestCertificate

const start = async (o: Partial<EndpointOptions> = {}) => {
  const logged: unknown[] = []
  const endpoint = new UpnpEndpoint({
    udn: UDN,
    deviceType: DEVICE_TYPE.managed,
    friendlyName: 'Lamp',
    manufacturer: 'M',
    model: 'L1',
    serialNumber: 'SN-1',
    configId: () => 3,
    services: ['Lifecycle', 'Configuration'],
    identity: device,
    clientCas: [root.pem],
    clientCertificate: 'required',
    hosts: ['127.0.0.1'],
    judgePeer: (chain) => {
      const name = Object.entries(people).find(([, certificate]) =>
        certificate.der.equals(chain[0] as Buffer),
      )?.[0]
      if (name === 'Revoked' || !name) return { ok: false, code: 'IDENTITY_REVOKED' }
      return { ok: true, role: name as Role, udn: `uuid:${name}` }
    },
    log: (event, facts) => logged.push({ event, ...facts }),
    ...o,
  })
  const ports = await endpoint.start()
  closers.push(() => endpoint.close())
  return { endpoint, logged, ...ports }
}

const clientOf = (identity?: TestCertificate): HttpsClient => {
  const client = new HttpsClient({
    ...(identity ? { identity } : {}),
    cas: [root.pem],
    judgePeer: () => ({ ok: true }),
  })
  closers.push(() => client.close())
  return client
}

type Started = Awaited<ReturnType<typeof start>>

const soap = (
  on: Started,
  who: TestCertificate,
  service: 'Lifecycle' | 'Configuration',
  action: string,
  args = {},
) =>
  new SoapClient({ client: clientOf(who) }).call(
    {
      name: service,
      serviceType: serviceType(service),
      controlUrl: `https://127.0.0.1:${on.httpsPort}/control/${service}`,
    },
    action,
    args,
  )

describe('public documents', () => {
  it('are the same over HTTP and HTTPS', async () => {
    const on = await start()
    const { location, secureLocation } = on.endpoint.locations('127.0.0.1')
    const plain = await plainGet({ url: location })
    const secure = await clientOf(person('Public')).request({ url: secureLocation, method: 'GET' })
    expect(plain.body.equals(secure.body)).toBe(true)
    const description = parseDescription(secure.body, secureLocation)
    expect(description).toMatchObject({ udn: UDN, configId: 3, repairs: [] })
    const [service] = description.services
    expect(service?.controlUrl).toBe(`https://127.0.0.1:${on.httpsPort}/control/Lifecycle`)
    const scpd = await plainGet({ url: parseDescription(plain.body, location).services[0]?.scpdUrl ?? '' })
    expect(parseScpd(scpd.body).actions.has('Identify')).toBe(true)
  })

  it('are all that plain HTTP has', async () => {
    const on = await start()
    const status = (method: string, path: string) =>
      new Promise((resolve, reject) => {
        httpRequest({ host: '127.0.0.1', port: on.httpPort, method, path }, (res) => {
          res.resume()
          resolve(res.statusCode)
        })
          .on('error', reject)
          .end()
      })
    expect(await status('POST', '/control/Lifecycle')).toBe(405)
    expect(await status('SUBSCRIBE', '/event/Lifecycle')).toBe(405)
    expect(await status('GET', '/control/Lifecycle')).toBe(404)
    expect(await status('GET', '/../../etc/passwd')).toBe(404)
    expect(await status('GET', '/scpd/Enrollment.xml')).toBe(404)
    expect(await status('HEAD', '/description.xml')).toBe(200)
  })
})

describe('an action', () => {
  it('gets checked arguments and who calls', async () => {
    const on = await start()
    const seen: unknown[] = []
    on.endpoint.handle('Lifecycle', 'Identify', (args, context) => {
      seen.push(args, context.role, context.peerUdn, context.remoteAddress, context.peerFingerprint?.length)
      return {}
    })
    expect(await soap(on, person('Admin'), 'Lifecycle', 'Identify', { Seconds: '5' })).toEqual({})
    expect(seen).toEqual([{ Seconds: '5' }, 'Admin', 'uuid:Admin', '127.0.0.1', 64])
  })

  it('is refused with 606 below its role, before its arguments are looked at', async () => {
    const on = await start()
    let ran = 0
    on.endpoint.handle('Configuration', 'SetValues', () => {
      ran++
      return { ConfigurationVersion: '1', Errors: '[]' }
    })
    on.endpoint.handle('Configuration', 'GetValues', () => ({ ConfigurationVersion: '1', Values: '{}' }))
    const args = { ConfigurationVersion: '1', Values: '{}' }
    for (const role of ['Public', 'Basic'] as const) {
      await expect(soap(on, person(role), 'Configuration', 'SetValues', args)).rejects.toMatchObject({
        code: 'NOT_AUTHORIZED',
        detail: 'role Admin is needed',
      })
    }
    expect(ran).toBe(0)
    await soap(on, person('Admin'), 'Configuration', 'SetValues', args)
    await soap(on, person('Basic'), 'Configuration', 'GetValues', { Names: '[]' })
    await expect(
      soap(on, person('Public'), 'Configuration', 'GetValues', { Names: '[]' }),
    ).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
    })
  })

  it('needs a client certificate even where the handshake does not', async () => {
    const on = await start({ clientCertificate: 'optional' })
    on.endpoint.handle('Lifecycle', 'GetLifecycleState', () => ({}))
    const answer = await clientOf().request({
      url: `https://127.0.0.1:${on.httpsPort}/control/Lifecycle`,
      method: 'POST',
      headers: { soapaction: `"${serviceType('Lifecycle')}#GetLifecycleState"` },
      body: `<Envelope><Body><GetLifecycleState/></Body></Envelope>`,
    })
    expect(answer.status).toBe(500)
    expect(answer.body.toString()).toContain('<errorCode>606</errorCode>')
    const { location, secureLocation } = on.endpoint.locations('127.0.0.1')
    expect((await clientOf().request({ url: secureLocation, method: 'GET' })).status).toBe(200)
    expect((await plainGet({ url: location })).status).toBe(200)
  })

  it('is not reached by a revoked client', async () => {
    const on = await start()
    await expect(soap(on, person('Revoked'), 'Lifecycle', 'GetLifecycleState')).rejects.toMatchObject({
      code: 'TLS_REFUSED',
    })
    expect(on.logged).toContainEqual(
      expect.objectContaining({ event: 'peer-refused', code: 'IDENTITY_REVOKED' }),
    )
  })

  it('is stopped by the guard with its cause', async () => {
    const on = await start({
      actionGuard: () => {
        throw new IotmcError('WRONG_PHASE', { detail: 'provisioning' })
      },
    })
    on.endpoint.handle('Lifecycle', 'Reboot', () => ({}))
    await expect(soap(on, person('Admin'), 'Lifecycle', 'Reboot')).rejects.toMatchObject({
      code: 'WRONG_PHASE',
      detail: 'provisioning',
      subject: 'Lifecycle.Reboot',
    })
  })

  it('turns causes into faults, defects into 501 with nothing inside', async () => {
    const on = await start()
    on.endpoint.handle('Lifecycle', 'Reboot', () => {
      throw new IotmcError('BUSY', { detail: 'testing' })
    })
    await expect(soap(on, person('Admin'), 'Lifecycle', 'Reboot')).rejects.toMatchObject({
      code: 'BUSY',
      detail: 'testing',
    })
    on.endpoint.handle('Lifecycle', 'Reboot', () => {
      throw new Error('/home/secret')
    })
    await expect(soap(on, person('Admin'), 'Lifecycle', 'Reboot')).rejects.toMatchObject({
      code: 'ACTION_FAILED',
      detail: 'UPnP 501 Action Failed',
    })
    on.endpoint.handle('Lifecycle', 'GetLifecycleState', () => ({ LifecycleState: 'no phase' }))
    await expect(soap(on, person('Admin'), 'Lifecycle', 'GetLifecycleState')).rejects.toMatchObject({
      code: 'ACTION_FAILED',
    })
    await expect(soap(on, person('Admin'), 'Configuration', 'Rollback')).rejects.toMatchObject({
      detail: 'UPnP 602 Optional Action Not Implemented',
    })
  })

  it.each([
    ['garbage', 'garbage', 401],
    ['a DTD', '<!DOCTYPE a [<!ENTITY b "c">]><a/>', 401],
    ['another action', '<Envelope><Body><Reboot/></Body></Envelope>', 401],
    ['no argument', '<Envelope><Body><Identify/></Body></Envelope>', 402],
    ['a word', '<Envelope><Body><Identify><Seconds>x</Seconds></Identify></Body></Envelope>', 600],
    ['out of range', '<Envelope><Body><Identify><Seconds>301</Seconds></Identify></Body></Envelope>', 601],
  ])('answers %s with its number', async (_name, body, number) => {
    const on = await start()
    on.endpoint.handle('Lifecycle', 'Identify', () => ({}))
    const answer = await clientOf(person('Admin')).request({
      url: `https://127.0.0.1:${on.httpsPort}/control/Lifecycle`,
      method: 'POST',
      headers: { soapaction: `"${serviceType('Lifecycle')}#Identify"` },
      body,
    })
    expect(answer.status).toBe(500)
    expect(answer.body.toString()).toContain(`<errorCode>${number}</errorCode>`)
  })

  it('refuses large bodies, other methods and other paths', async () => {
    const on = await start()
    const ask = async (method: string, path: string, body = '') =>
      (
        await clientOf(person('Admin')).request({
          url: `https://127.0.0.1:${on.httpsPort}${path}`,
          method,
          body,
        })
      ).status
    expect(await ask('POST', '/control/Lifecycle', 'x'.repeat(300 * 1024))).toBe(413)
    expect(await ask('PUT', '/control/Lifecycle')).toBe(405)
    expect(await ask('POST', '/control/Enrollment')).toBe(404)
    expect(await ask('POST', '/')).toBe(404)
    expect(await ask('NOTIFY', '/notify/unknown')).toBe(412)
  })

  it('stops reading a body in chunks that has no end', async () => {
    const on = await start()
    const status = await new Promise((resolve, reject) => {
      const { keyPem: key, chainPem: cert } = person('Admin')
      const req = httpsRequest(
        {
          host: '127.0.0.1',
          port: on.httpsPort,
          path: '/control/Lifecycle',
          method: 'POST',
          key,
          cert,
          rejectUnauthorized: false,
        },
        (res) => {
          resolve(res.statusCode)
          req.destroy()
        },
      )
      req.on('error', reject)
      const more = (): void => {
        if (!req.destroyed) req.write(Buffer.alloc(64 * 1024), more)
      }
      more()
    })
    expect(status).toBe(413)
    expect(on.logged).toEqual([])
  })

  it('survives noise on both ports', async () => {
    const on = await start()
    on.endpoint.handle('Lifecycle', 'Reboot', () => ({}))
    for (const port of [on.httpPort, on.httpsPort]) {
      for (const noise of [
        '\0'.repeat(100),
        'GET\r\n\r\n',
        '\x16\x03\x01\x02\x00',
        'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
      ]) {
        await new Promise((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.end(noise))
          socket
            .once('close', resolve)
            .on('error', () => undefined)
            .resume()
        })
      }
    }
    expect(await soap(on, person('Admin'), 'Lifecycle', 'Reboot')).toEqual({})
  })

  it('tells its handler when the caller has gone', async () => {
    const on = await start()
    let aborted: () => void = () => undefined
    const gone = new Promise<void>((resolve) => {
      aborted = resolve
    })
    const abort = new AbortController()
    on.endpoint.handle('Lifecycle', 'Reboot', async (_args, { signal }) => {
      signal.addEventListener('abort', aborted)
      abort.abort()
      await gone
      return {}
    })
    const client = clientOf(person('Admin'))
    const target = {
      name: 'Lifecycle' as const,
      serviceType: serviceType('Lifecycle'),
      controlUrl: `https://127.0.0.1:${on.httpsPort}/control/Lifecycle`,
    }
    await expect(
      new SoapClient({ client }).call(target, 'Reboot', {}, { signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
    await gone
  })
})

describe('the SOAP client', () => {
  const answering = async (status: number, body: string) => {
    const { startHttpsServer } = await import('../../electron/net/https-server')
    const server = await startHttpsServer({
      host: '127.0.0.1',
      port: 0,
      identity: device,
      clientCas: [root.pem],
      clientCertificate: 'required',
      judgePeer: () => ({ ok: true }),
      handler: (_req, res) => {
        res.writeHead(status)
        // In two chunks, as some stacks send.
        res.write(body.slice(0, 5))
        res.end(body.slice(5))
      },
    })
    closers.push(() => server.close())
    const controlUrl = `https://127.0.0.1:${server.port}/c`
    const target = { name: 'Configuration' as const, serviceType: serviceType('Configuration'), controlUrl }
    return new SoapClient({ client: clientOf(person('Admin')) }).call(target, 'Rollback', {})
  }

  it('drops extra out-arguments and takes an overflown ui4', async () => {
    const body =
      '<E:Envelope xmlns:E="x"><E:Body><m:RollbackResponse><ConfigurationVersion>-1</ConfigurationVersion><X>1</X>' +
      '</m:RollbackResponse></E:Body></E:Envelope>'
    expect(await answering(200, body)).toEqual({ ConfigurationVersion: '4294967295' })
  })

  it.each([
    [200, '<Envelope><Body><RollbackResponse/></Body></Envelope>', 'BAD_ANSWER'],
    [200, 'garbage', 'BAD_ANSWER'],
    [500, 'garbage', 'BAD_ANSWER'],
    [404, '', 'BAD_ANSWER'],
    [401, '', 'NOT_AUTHORIZED'],
    [503, '', 'BUSY'],
  ])('names the cause of %i %j', async (status, body, code) => {
    await expect(answering(status, body)).rejects.toMatchObject({ code })
  })

  it('checks its own arguments before it sends them, and speaks no plain HTTP', async () => {
    const client = new SoapClient({ client: clientOf(person('Admin')) })
    const target = {
      name: 'Lifecycle' as const,
      serviceType: serviceType('Lifecycle'),
      controlUrl: 'http://127.0.0.1:9/',
    }
    await expect(client.call(target, 'Identify', { Seconds: '0' })).rejects.toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
    })
    await expect(client.call(target, 'Nothing', {})).rejects.toMatchObject({ code: 'INVALID_ACTION' })
    await expect(client.call(target, 'Reboot', {})).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  })
})
