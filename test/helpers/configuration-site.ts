/** A desk for configuration on real devices: real records, real TLS, and a call for each device by its address. */
import type { Device } from '../../electron/contract/device'
import { IotmcError } from '../../electron/contract/errors'
import { serviceType } from '../../electron/contract/names'
import type { DeviceLink } from '../../electron/jobs/device-link'
import { JobRunner } from '../../electron/jobs/runner'
import { systemClock } from '../../electron/net/clock'
import { HttpsClient } from '../../electron/net/https-client'
import { ConfigurationDesk } from '../../electron/operation/configuration-desk'
import { wantedOf } from '../../electron/site/group-desk'
import type { Records } from '../../electron/store/records'
import { parseDescription } from '../../electron/upnp/description'
import { SoapClient } from '../../electron/upnp/soap-client'
import { deviceRow } from './device-row'
import { keepingLog } from './quiet-log'

/** What a program has to know of a device, and how it proves itself to it. */
export interface KnownDevice {
  readonly udn: string
  readonly url: string
  readonly model: string
  readonly serial: string
}

export interface SiteKeys {
  readonly keyPem: string
  readonly chainPem: string
  readonly cas: readonly string[]
}

const callOver =
  (keys: SiteKeys, urls: ReadonlyMap<string, string>): DeviceLink['call'] =>
  async (udn, service, action, args, signal) => {
    const url = urls.get(udn)
    if (!url) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    const client = new HttpsClient({ identity: keys, cas: keys.cas, judgePeer: () => ({ ok: true }) })
    try {
      const answer = await client.request({ url, method: 'GET', signal })
      const { services } = parseDescription(answer.body, url)
      const found = services.find((each) => each.serviceType === serviceType(service))
      if (!found) throw new IotmcError('INVALID_ACTION')
      const target = { serviceType: found.serviceType, controlUrl: found.controlUrl, name: service }
      return await new SoapClient({ client }).call(target, action, { ...args }, { signal })
    } finally {
      await client.close()
    }
  }

/** `around` is called before and after each write and each exchange: the points at which a kill may strike. */
export const openConfigurationSite = (
  records: Records,
  devices: readonly KnownDevice[],
  keys: SiteKeys,
  around: () => void = () => undefined,
) => {
  const urls = new Map(devices.map(({ udn, url }) => [udn, url]))
  const call = callOver(keys, urls)
  const write =
    <A extends unknown[]>(commit: (...args: A) => void) =>
    (...args: A): void => {
      around()
      commit(...args)
      around()
    }
  const { jobs, configurationPlans: table } = records
  const audits: string[] = []
  const runner: JobRunner = new JobRunner({
    clock: systemClock,
    journal: { ...jobs, insert: write(jobs.insert), save: write(jobs.save) },
    concurrency: 8,
    plan: (job) => desk.plan(job),
    log: keepingLog(),
  })
  const desk: ConfigurationDesk = new ConfigurationDesk({
    clock: systemClock,
    runner,
    table: { ...table, saveRows: write(table.saveRows) },
    log: keepingLog(),
    link: {
      call: async (...args) => {
        around()
        const answer = await call(...args)
        around()
        return answer
      },
    },
    devices: () =>
      devices.map(({ udn, model, serial }, n): Device => {
        const facts = { udn, model, serialNumber: serial, group: 'North', phase: 'operation' as const }
        return deviceRow(n + 1, facts)
      }),
    wanted: (device) => wantedOf(records, device),
    isOnline: () => true,
    onWake: () => () => undefined,
    remember: () => undefined,
    audit: (action, subject, detail) => void audits.push([action, subject, detail].join(' ')),
  })
  return { runner, desk, call, audits }
}
