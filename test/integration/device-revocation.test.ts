/** Whoever the site has revoked is refused by a device at once, for everything, and stays refused. */
import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import { serviceType } from '../../electron/contract/names'
import { SERVICES } from '../../electron/device/presence'
import { readCertificate, splitPem } from '../../electron/identity/certificate'
import { HttpsClient } from '../../electron/net/https-client'
import { servicePaths } from '../../electron/upnp/description'
import { loadScpd } from '../../electron/upnp/scpd-files'
import { type DeviceProcess, killDevices } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { derOfCrl, PlantedSite } from '../helpers/planted-device'
import { requirePrivateNetwork } from '../helpers/private-network'

const serialOf = ({ chainPem }: SiteClient): string =>
  readCertificate(splitPem(chainPem)[0] ?? '').summary.serialNumber

let planted: PlantedSite
let operator: SiteClient
let state = ''
let device: DeviceProcess
beforeAll(async () => {
  requirePrivateNetwork()
  planted = await PlantedSite.make()
  operator = await makeClient(planted.site, 'Admin')
  state = makeFolder('device')
  device = await planted.start(state)
  await planted.plant(device, state)
})
afterAll(async () => {
  await killDevices()
  await planted.controller.stop()
})

const placeOf = async (): Promise<string> => (await device.ready).secureLocation
const refresh = () => planted.call(device, 'Access.RefreshRevocationList')
const clientOf = (identity: SiteClient) =>
  new HttpsClient({ identity, cas: [planted.site.certificatePem], judgePeer: () => ({ ok: true }) })

/** Every action of every service: the status of the answer, or the code of the error. */
const everyAction = async (identity: SiteClient): Promise<Record<string, string>> => {
  const base = new URL(await placeOf()).origin
  const found: Record<string, string> = {}
  for (const service of SERVICES) {
    for (const { name } of loadScpd(service).actions.values()) {
      const client = clientOf(identity)
      const answer = await client
        .request({
          url: `${base}${servicePaths(service).control}`,
          method: 'POST',
          headers: {
            'content-type': 'text/xml; charset="utf-8"',
            soapaction: `"${serviceType(service)}#${name}"`,
          },
          body: 'no envelope',
        })
        .then(
          ({ status }) => String(status),
          (thrown: unknown) => asIotmcError(thrown).code,
        )
      found[`${service}.${name}`] = answer
      await client.close()
    }
  }
  return found
}

describe('a revoked client', () => {
  it('loses what it has open, and is refused on every action of every service', async () => {
    await planted.publish(10, [])
    expect(await refresh()).toEqual({ CrlNumber: '10' })
    const before = await everyAction(operator)
    // Heard before, if only to be told that this is no envelope.
    expect(new Set(Object.values(before))).toEqual(new Set(['500']))
    expect(Object.keys(before).length).toBeGreaterThan(30)

    const { hostname, port } = new URL(await placeOf())
    const open = connect({
      ...{ host: hostname, port: Number(port), rejectUnauthorized: false },
      ...{ key: operator.keyPem, cert: operator.chainPem },
    })
    await once(open, 'secureConnect')
    open.write('GET /description.xml HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(open, 'data')
    const ended = once(open, 'close')
    open.on('error', () => undefined)

    await planted.publish(11, [serialOf(operator)])
    expect(await refresh()).toEqual({ CrlNumber: '11' })
    await ended
    await device.log((line) => line.event === 'peer-refused' && line.code === 'IDENTITY_REVOKED')
    const after = await everyAction(operator)
    expect(Object.keys(after)).toEqual(Object.keys(before))
    expect(new Set(Object.values(after))).toEqual(new Set(['TLS_REFUSED']))
    // Everybody else goes on.
    const basic = await makeClient(planted.site, 'Basic')
    expect(await planted.call(device, 'Access.GetRevocationList', {}, basic)).toEqual({ CrlNumber: '11' })
    const notHis = planted.call(device, 'Access.RefreshRevocationList', {}, basic)
    await expect(notHis).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  })

  it('is not let in again by an older list, nor by one of somebody else, nor by a restart', async () => {
    await planted.publish(9, [])
    expect(await refresh()).toEqual({ CrlNumber: '11' })
    const foreign = await makeAuthority('Site')
    planted.controller.crl = derOfCrl(await foreign.issueCrl([], new Date(), 12))
    await expect(refresh()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
    planted.controller.crl = Buffer.alloc(5 * 1024 * 1024, 'x')
    await expect(refresh()).rejects.toBeDefined()
    planted.controller.crl = undefined
    await device.kill()
    device = await planted.start(state)
    expect(await planted.call(device, 'Access.GetRevocationList')).toEqual({ CrlNumber: '11' })
    const refused = planted.call(device, 'Lifecycle.GetLifecycleState', {}, operator)
    await expect(refused).rejects.toMatchObject({ code: 'TLS_REFUSED' })
  })

  it('that is the controller itself is talked to no more', async () => {
    await planted.publish(12, [serialOf(operator), serialOf(planted.admin)])
    // Its own connection ends before the answer.
    await expect(refresh()).rejects.toBeDefined()
    await device.log((line) => line.event === 'revocation-list' && line.number === 12)
    const other = await makeClient(planted.site, 'Admin')
    const again = planted.call(device, 'Access.RefreshRevocationList', {}, other)
    await expect(again).rejects.toBeDefined()
    await device.log((line) => line.event === 'controller-refused' && line.code === 'IDENTITY_REVOKED')
    expect(await planted.call(device, 'Access.GetRevocationList', {}, other)).toEqual({ CrlNumber: '12' })
  })
})
