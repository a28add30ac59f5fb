/** Who was revoked is refused on every service of the controller, on new and on open connections, from one moment on. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revokePhrase } from '../../electron/contract/decommission'
import { CRL_PATH } from '../../electron/contract/names'
import { readCertificate } from '../../electron/identity/certificate'
import { readCrl } from '../../electron/identity/crl'
import { generateKeyPem } from '../../electron/identity/keys'
import { buildDescription } from '../../electron/upnp/description'
import { type EnrolledDevice, type Member, RevokingSite, requestOf } from '../helpers/revoking-site'

const IMAGE_BYTES = 48 * 1024 * 1024

let site: RevokingSite
beforeAll(async () => {
  site = await RevokingSite.open(IMAGE_BYTES)
})
afterAll(() => site?.close())

interface Wanted {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const action = (service: string, name: string, args: Readonly<Record<string, string>>): Wanted => ({
  method: 'POST',
  path: `/control/${service}`,
  headers: {
    'content-type': 'text/xml; charset="utf-8"',
    soapaction: `"urn:iotmc-org:service:${service}:1#${name}"`,
  },
  body: [
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"',
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>',
    `<u:${name} xmlns:u="urn:iotmc-org:service:${service}:1">`,
    ...Object.entries(args).map(([key, value]) => `<${key}>${value}</${key}>`),
    `</u:${name}></s:Body></s:Envelope>`,
  ].join(''),
})

/** Everything that the controller serves to whoever has a certificate. */
const services = async (): Promise<Record<string, Wanted>> => {
  const about = { udn: 'uuid:6f0b6a4e-0000-4000-8000-000000000001', serialNumber: 'X-1', model: 'PX-200' }
  const CertificateRequest = await requestOf(about, generateKeyPem())
  const EnrollmentId = 'a'.repeat(32)
  return {
    'Enrollment.Enroll': action('Enrollment', 'Enroll', {
      DeviceUDN: about.udn,
      Model: 'PX-200',
      HardwareRevision: 'C2',
      FirmwareVersion: '1.0.0',
      CertificateRequest,
    }),
    'Enrollment.GetEnrollmentResult': action('Enrollment', 'GetEnrollmentResult', { EnrollmentId }),
    'Enrollment.ConfirmEnrollment': action('Enrollment', 'ConfirmEnrollment', {
      EnrollmentId,
      ConfigurationVersion: '1',
    }),
    'Enrollment.RenewCertificate': action('Enrollment', 'RenewCertificate', { CertificateRequest }),
    'FirmwareRepository.GetFirmwareInfo': action('FirmwareRepository', 'GetFirmwareInfo', {
      Model: 'PX-200',
      HardwareRevision: 'C2',
      CurrentVersion: '1.0.0',
      WantedVersion: '',
    }),
    manifest: { method: 'GET', path: site.imagePath.replace('/image', '/manifest.json') },
    signature: { method: 'GET', path: site.imagePath.replace('/image', '/manifest.p7s') },
    image: { method: 'GET', path: site.imagePath, headers: { range: 'bytes=0-99' } },
    throughput: { method: 'GET', path: '/throughput/1000' },
    'revocation list': { method: 'GET', path: CRL_PATH },
    subscribe: {
      method: 'SUBSCRIBE',
      path: '/event/FirmwareRepository',
      headers: { nt: 'upnp:event', callback: '<https://127.0.0.1:9/cb>', timeout: 'Second-1800' },
    },
    unsubscribe: {
      method: 'UNSUBSCRIBE',
      path: '/event/FirmwareRepository',
      headers: { sid: 'uuid:6f0b6a4e-0000-4000-8000-000000000002' },
    },
    notify: {
      method: 'NOTIFY',
      path: `/notify/${'a'.repeat(32)}`,
      headers: { nt: 'upnp:event', nts: 'upnp:propchange', sid: 'uuid:1', seq: '0' },
      body: '<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0"/>',
    },
    description: { method: 'GET', path: '/description.xml' },
  }
}

/** A connection of Node's own TLS: nothing of ours in between. `undefined` where the server let nobody in. */
const open = (who: Member): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: site.port,
      key: who.keyPem,
      cert: who.chainPem,
      ca: site.authority.certificatePem,
      checkServerIdentity: () => undefined,
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })

const textOf = ({ method, path, headers = {}, body = '' }: Wanted): string =>
  [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${site.port}`,
    ...Object.entries({ ...headers, 'content-length': String(body.length) }).map(([k, v]) => `${k}: ${v}`),
    '',
    body,
  ].join('\r\n')

/** The status of the answer, read to its end so that the connection is free again; `closed` where there is none. */
const ask = (socket: TLSSocket, wanted: Wanted): Promise<number | 'closed'> =>
  new Promise((resolve) => {
    let got = Buffer.alloc(0)
    const end = (answer: number | 'closed'): void => {
      socket.off('data', onData)
      socket.off('close', onClose)
      resolve(answer)
    }
    const onClose = (): void => end('closed')
    const onData = (chunk: Buffer): void => {
      got = Buffer.concat([got, chunk])
      const head = got.indexOf('\r\n\r\n')
      if (head < 0) return
      const text = got.subarray(0, head).toString('latin1')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (got.length >= head + 4 + length) end(Number(text.split(' ')[1]))
    }
    if (socket.destroyed) {
      resolve('closed')
      return
    }
    socket.on('data', onData)
    socket.once('close', onClose)
    socket.write(textOf(wanted))
  })

const askAnew = async (who: Member, wanted: Wanted): Promise<number | 'closed'> => {
  const socket = await open(who).catch(() => undefined)
  if (!socket) return 'closed'
  try {
    return await ask(socket, wanted)
  } finally {
    socket.destroy()
  }
}

/** A request whose answer is far longer than what lies between us and the server; nothing is read after its beginning. */
const beginLong = async (who: Member, path: string): Promise<{ socket: TLSSocket; got(): number }> => {
  const socket = await open(who)
  let got = 0
  socket.on('data', (chunk: Buffer) => {
    got += chunk.length
  })
  socket.write(textOf({ method: 'GET', path }))
  await once(socket, 'data')
  socket.pause()
  return { socket, got: () => got }
}

interface Ear {
  readonly who: Member
  readonly server: Server
  heard: number
}

/** Counts the events that reach a subscriber. */
const listen = async (who: Member): Promise<Ear> => {
  const server = createServer({ key: who.keyPem, cert: who.chainPem }, (req, res) => {
    req.resume()
    ear.heard++
    res.end()
  })
  const ear: Ear = { who, server, heard: 0 }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return ear
}

const revoked = {
  device: () => site.device('PX200-1'),
  'program with role Admin': () => site.client('Admin'),
  'program with role Basic': () => site.client('Basic'),
}

describe.each(Object.keys(revoked) as (keyof typeof revoked)[])('a revoked %s', (name) => {
  let who: Member
  let other: Member
  let wanted: Record<string, Wanted>
  const kept = new Map<string, TLSSocket>()
  const bystanders = new Map<string, TLSSocket>()
  const before = new Map<string, number | 'closed'>()

  beforeAll(async () => {
    who = await revoked[name]()
    other = await site.client('Basic')
    wanted = await services()
    for (const [service, one] of Object.entries(wanted)) {
      kept.set(service, await open(who))
      bystanders.set(service, await open(other))
      before.set(service, await ask(kept.get(service) as TLSSocket, one))
      await ask(bystanders.get(service) as TLSSocket, one)
    }
  })
  afterAll(() => {
    for (const socket of [...kept.values(), ...bystanders.values()]) socket.destroy()
  })

  it('was heard on every service before', () => {
    for (const [service, answer] of before) expect(answer, service).toBeTypeOf('number')
    const served = ['manifest', 'signature', 'throughput', 'revocation list', 'subscribe', 'description']
    for (const service of [...served, 'FirmwareRepository.GetFirmwareInfo'])
      expect(before.get(service), service).toBe(200)
    expect(before.get('image')).toBe(206)
  })

  it('is refused on each from the next request on, open connection or new, and nobody else is', async () => {
    const image = await beginLong(who, site.imagePath)
    const throughput = await beginLong(who, `/throughput/${64 * 1024 * 1024}`)
    const published = site.desk.revoke([{ serialNumber: who.serialNumber, reason: 'privilege-withdrawn' }])
    // Not a moment is waited for: not for the list, and not for the sockets to find out.
    const open = [...kept].map(async ([service, socket]) => [
      service,
      await ask(socket, wanted[service] as Wanted),
    ])
    const anew = Object.entries(wanted).map(async ([service, one]) => [service, await askAnew(who, one)])
    for (const [service, answer] of await Promise.all(open)) expect(answer, `open: ${service}`).toBe('closed')
    for (const [service, answer] of await Promise.all(anew)) expect(answer, `new: ${service}`).toBe('closed')
    for (const { socket, got } of [image, throughput]) {
      const closed = once(socket, 'close')
      socket.resume()
      await closed
      expect(got()).toBeLessThan(IMAGE_BYTES)
    }
    for (const [service, socket] of bystanders)
      expect(await ask(socket, wanted[service] as Wanted), service).toBeTypeOf('number')
    const { crlNumber } = await published
    const list = readCrl(site.desk.pem())
    expect(list.number).toBe(crlNumber)
    expect(list.serials.has(who.serialNumber)).toBe(true)
  })
})

it('the list is served as it is published, and no path beside it', async () => {
  const who = await site.client('Basic')
  const socket = await open(who)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  expect(await ask(socket, { method: 'GET', path: CRL_PATH })).toBe(200)
  const answer = Buffer.concat(chunks)
  expect(answer.toString('latin1')).toMatch(/content-type: application\/pkix-crl/i)
  expect(answer.subarray(answer.indexOf('\r\n\r\n') + 4)).toEqual(site.desk.der())
  expect(await ask(socket, { method: 'GET', path: `${CRL_PATH}.bak` })).toBe(404)
  socket.destroy()
})

it('a device that is revoked gets nothing out of Enrollment, with its site certificate nor its kept key', async () => {
  const device = await site.device('PX200-2')
  const about = { udn: device.udn, serialNumber: 'PX200-2', model: 'PX-200' }
  const request = await requestOf(about, generateKeyPem())
  const renewing = site.enrollment.renew(request, device)
  // While the new certificate is being signed.
  const published = site.desk.revoke([{ serialNumber: device.serialNumber, reason: 'key-compromise' }])
  const revokedError = expect.objectContaining({ code: 'IDENTITY_REVOKED' })
  await expect(renewing).rejects.toEqual(revokedError)
  await expect(site.enrollment.renew(request, device)).rejects.toEqual(revokedError)
  await expect(site.enrollment.result(device.enrollmentId, device)).rejects.toEqual(revokedError)
  expect(() => site.enrollment.confirm(device.enrollmentId, 1, device)).toThrow(revokedError)
  // Its factory identity is none of this site's: it may ask again, but not for the certificate that was revoked.
  await expect(site.enrollment.result(device.enrollmentId, device.idevid)).rejects.toEqual(revokedError)
  await published
})

it('a factory identity that is kept out is refused, on an open connection too', async () => {
  const { idevid } = await site.device('PX200-3')
  const socket = await open(idevid)
  const one = { method: 'GET', path: CRL_PATH }
  expect(await ask(socket, one)).toBe(200)
  const { fingerprint } = readCertificate(idevid.chainPem).summary
  site.desk.block({ fingerprint, serialNumber: idevid.serialNumber, udn: idevid.udn })
  expect(await ask(socket, one)).toBe('closed')
  expect(await askAnew(idevid, one)).toBe('closed')
})

const notWelcome = {
  'that leaves, or has left for good': (device: EnrolledDevice) => {
    site.left.add(device.udn)
    site.hosted.rejudge()
  },
  'that was revoked by hand': ({ serialNumber }: EnrolledDevice) => {
    const order = { serialNumber, reason: 'key-compromise', phrase: revokePhrase(serialNumber) } as const
    void site.desk.revokeByHand(order)
  },
}

describe.each(Object.keys(notWelcome) as (keyof typeof notWelcome)[])('a device %s', (name) => {
  const serialNumber = `PX200-5${Object.keys(notWelcome).indexOf(name)}`
  let device: EnrolledDevice
  let wanted: Record<string, Wanted>
  const isOpen = (service: string): boolean => service.startsWith('Enrollment.') || service === 'description'
  const enroll = async (): Promise<number | 'closed'> => {
    const { udn, idevid } = device
    const CertificateRequest = await requestOf({ udn, serialNumber, model: 'PX-200' }, generateKeyPem())
    const said = { DeviceUDN: udn, Model: 'PX-200', HardwareRevision: 'C2', FirmwareVersion: '1.0.0' }
    return askAnew(idevid, action('Enrollment', 'Enroll', { ...said, CertificateRequest }))
  }

  beforeAll(async () => {
    device = await site.device(serialNumber)
    wanted = await services()
  })

  it('gets nothing more with its factory identity, open connection or new, but an answer to its asking', async () => {
    const { idevid } = device
    const sockets = new Map<string, TLSSocket>()
    for (const [service, one] of Object.entries(wanted)) {
      const socket = await open(idevid)
      sockets.set(service, socket)
      expect(await ask(socket, one), service).not.toBe(403)
    }
    const image = await beginLong(idevid, site.imagePath)
    const throughput = await beginLong(idevid, `/throughput/${64 * 1024 * 1024}`)
    notWelcome[name](device)
    for (const [service, one] of Object.entries(wanted)) {
      expect(await ask(sockets.get(service) as TLSSocket, one), `open: ${service}`).toBe('closed')
      const anew = expect(await askAnew(idevid, one), `new: ${service}`)
      if (isOpen(service)) anew.not.toBe(403)
      else anew.toBe(403)
    }
    for (const { socket, got } of [image, throughput]) {
      const closed = once(socket, 'close')
      socket.resume()
      await closed
      expect(got()).toBeLessThan(IMAGE_BYTES)
    }
  })

  it('is told at a new request whether it is refused or waits for a person, and may do all again when it is let in', async () => {
    const image = wanted.image as Wanted
    // 500 is the fault that says why; 200 is `Pending`.
    expect(await enroll()).toBe(site.left.has(device.udn) ? 500 : 200)
    expect(await askAnew(device.idevid, image)).toBe(403)
    site.left.delete(device.udn)
    site.approved.add(device.udn)
    site.enrollment.reconsider(device.udn)
    expect(await askAnew(device.idevid, image)).toBe(206)
  })
})

it('no event goes to a subscriber any more, and the others get theirs', async () => {
  const ears = await Promise.all(
    [site.client('Basic'), site.client('Basic')].map(async (one) => listen(await one)),
  )
  const [gone, stays] = ears as [Ear, Ear]
  for (const ear of ears) {
    const { port } = ear.server.address() as AddressInfo
    const subscribe: Wanted = {
      method: 'SUBSCRIBE',
      path: '/event/FirmwareRepository',
      headers: { nt: 'upnp:event', callback: `<https://127.0.0.1:${port}/cb>`, timeout: 'Second-1800' },
    }
    expect(await askAnew(ear.who, subscribe)).toBe(200)
    await expect.poll(() => ear.heard).toBe(1)
  }
  const published = site.desk.revoke([{ serialNumber: gone.who.serialNumber, reason: 'unspecified' }])
  site.repository.withdraw(site.imagePath.split('/')[2] ?? '')
  await expect.poll(() => stays.heard).toBe(2)
  site.repository.offer(site.imagePath.split('/')[2] ?? '')
  await expect.poll(() => stays.heard).toBe(3)
  expect(gone.heard).toBe(1)
  await published
  for (const { server } of ears) {
    server.closeAllConnections()
    server.close()
  }
})

describe('a line to a device', () => {
  let device: EnrolledDevice
  let server: Server
  let waiting: Promise<void>
  const open = new AbortController()

  beforeAll(async () => {
    device = await site.device('PX200-4')
    let asked: () => void = () => undefined
    waiting = new Promise((resolve) => {
      asked = resolve
    })
    server = createServer({ key: device.keyPem, cert: device.chainPem }, (req, res) => {
      if (req.url === '/description.xml') {
        const services = ['Lifecycle'] as const
        res.end(
          buildDescription({
            udn: device.udn,
            deviceType: 'urn:iotmc-org:device:ManagedDevice:1',
            friendlyName: 'Device',
            manufacturer: 'Example maker',
            model: 'PX-200',
            serialNumber: 'PX200-4',
            services,
            evented: services,
            configId: 1,
          }),
        )
        return
      }
      // Everything else is never answered.
      asked()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const secureLocation = `https://127.0.0.1:${port}/description.xml`
    site.sightings.set(device.udn, {
      online: true,
      addresses: [
        {
          address: '127.0.0.1',
          interfaceName: 'lo',
          location: secureLocation,
          secureLocation,
          lastSeenMs: 0,
        },
      ] as never,
    })
  })
  afterAll(() => {
    open.abort()
    server?.closeAllConnections()
    server?.close()
  })

  it('ends with its cause while an answer is waited for, and no new one is opened', async () => {
    const calling = site.link.call(device.udn, 'Lifecycle', 'GetLifecycleState', {}, open.signal)
    const dedicated = await site.link.dedicated(device.udn, open.signal)
    const subscribing = dedicated.http.request({
      url: new URL('/event', dedicated.url).href,
      method: 'SUBSCRIBE',
      signal: open.signal,
    })
    await waiting
    const refused = expect.objectContaining({ code: 'IDENTITY_REVOKED' })
    const both = Promise.all([
      expect(calling).rejects.toEqual(refused),
      expect(subscribing).rejects.toEqual(refused),
    ])
    const published = site.desk.revoke([
      { serialNumber: device.serialNumber, reason: 'cessation-of-operation' },
    ])
    await both
    await expect(
      site.link.call(device.udn, 'Lifecycle', 'GetLifecycleState', {}, open.signal),
    ).rejects.toEqual(refused)
    await expect(site.link.dedicated(device.udn, open.signal)).rejects.toEqual(refused)
    await dedicated.http.close()
    await published
  })
})
