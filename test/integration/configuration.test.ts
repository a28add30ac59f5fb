/** Plans of configuration on real devices over mutual TLS: applied, refused, retried, put back, and through a file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigurationPlan, PlanRow } from '../../electron/contract/configuration'
import { type ModelName, parametersOf } from '../../electron/device/models'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { Records } from '../../electron/store/records'
import { type KnownDevice, openConfigurationSite, type SiteKeys } from '../helpers/configuration-site'
import { killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

const STARTED = [
  ['--model', 'PX-200', '--serial', 'PX-1'],
  ['--model', 'GC-10', '--serial', 'GC-1'],
  ['--model', 'AU-7', '--serial', 'AU-1', '--fault', 'reject-configuration'],
]

let devices: KnownDevice[] = []
let keys: SiteKeys
let records: Records
let site: ReturnType<typeof openConfigurationSite>

beforeAll(async () => {
  requirePrivateNetwork()
  const authority = await makeAuthority('Site')
  const admin = await makeClient(authority, 'Admin')
  const factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  const anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, authority.certificatePem)
  const cas = [readFileSync(join(factory, 'root.pem'), 'utf8'), authority.certificatePem]
  keys = { keyPem: admin.keyPem, chainPem: admin.chainPem, cas }
  devices = await Promise.all(
    STARTED.map(async (args) => {
      const common = ['--state', makeFolder('device'), '--interface', 'lo', '--factory', factory]
      const device = await startDevice([...common, '--anchor', anchor, ...args])
      const { udn, secureLocation: url, serial, model } = await device.ready
      return { udn, url, serial, model }
    }),
  )
  records = Records.open(':memory:')
  records.groups.save('North', { 'Report.IntervalSeconds': '45', 'Gate.OpenSeconds': '20' })
}, 120_000)
afterAll(async () => {
  await site?.runner.stop()
  await killDevices()
})
beforeEach(async () => {
  await site?.runner.stop()
  site?.desk.close()
  site = openConfigurationSite(records, devices, keys)
  site.desk.begin()
  site.runner.start()
})

const defaultOf = (model: ModelName, name: string) =>
  parametersOf(model).find((parameter) => parameter.name === name)?.default

const udns = (): string[] => devices.map(({ udn }) => udn)
const isUnderWay = ({ state }: PlanRow): boolean => state === 'applying' || state === 'rolling-back'

const ended = (id: string): Promise<ConfigurationPlan> =>
  new Promise((resolve) => {
    const look = (): void => {
      const plan = site.desk.plans().find((each) => each.id === id)
      if (!plan || plan.rows.some(isUnderWay)) return
      off()
      resolve(plan)
    }
    const off = site.desk.onChange(look)
    look()
  })

const runs = async (udn: string, name: string): Promise<[number, string | undefined]> => {
  const { version, values } = await site.desk.read(udn)
  return [version, values[name]]
}

describe('on real devices', () => {
  it('reads types, units, values and what differs from the template', async () => {
    const [pump] = udns()
    const read = await site.desk.read(pump ?? '')
    expect(read).toMatchObject({ version: 0, group: 'North', template: { 'Report.IntervalSeconds': '45' } })
    expect(read.differs).toEqual(['Report.IntervalSeconds'])
    expect(read.parameters.find(({ name }) => name === 'Pump.MaxFlow')).toMatchObject({
      unit: 'm3/h',
      max: 60,
    })
  })

  it('applies to all but the one that refuses, changes nothing on that one, and puts the others back', async () => {
    const plan = await site.desk.preview(udns(), { kind: 'template' })
    expect(plan.rows.map((row) => row.changes.length)).toEqual([1, 2, 1])
    site.desk.apply(plan.id)
    const applied = await ended(plan.id)
    expect(applied.rows.map((row) => [row.state, row.error?.code])).toEqual(
      applied.rows.map((row) =>
        row.udn === udns()[2] ? ['failed', 'VALUE_INVALID'] : ['applied', undefined],
      ),
    )
    const [pump = '', gate = '', air = ''] = udns()
    expect(await runs(pump, 'Report.IntervalSeconds')).toEqual([1, '45'])
    expect(await runs(gate, 'Gate.OpenSeconds')).toEqual([1, '20'])
    expect(await runs(air, 'Report.IntervalSeconds')).toEqual([
      0,
      defaultOf('PX-200', 'Report.IntervalSeconds'),
    ])
    expect((await site.desk.read(gate)).differs).toEqual([])

    site.desk.apply(plan.id)
    expect((await ended(plan.id)).rows.find((row) => row.udn === air)?.state).toBe('failed')
    site.desk.rollback(plan.id)
    const back = await ended(plan.id)
    expect(back.rows.filter((row) => row.state === 'rolled-back')).toHaveLength(2)
    expect(await runs(pump, 'Report.IntervalSeconds')).toEqual([
      0,
      defaultOf('PX-200', 'Report.IntervalSeconds'),
    ])
    expect(await runs(gate, 'Gate.OpenSeconds')).toEqual([0, defaultOf('GC-10', 'Gate.OpenSeconds')])
  }, 60_000)

  it.each(['csv', 'yaml'] as const)(
    'takes a %s file of its own back, and what was changed in it',
    async (format) => {
      const text = await site.desk.exportText(udns(), format)
      expect((await site.desk.importText(format, text)).rows.map((row) => row.state)).toEqual(
        udns().map(() => 'same'),
      )
      const zone = `Zone ${format}`
      const edited = text.replaceAll('UTC', zone)
      const plan = await site.desk.importText(format, edited)
      site.desk.apply(plan.id, udns().slice(0, 2))
      await ended(plan.id)
      expect((await runs(udns()[1] ?? '', 'Clock.TimeZone'))[1]).toBe(zone)
      site.desk.rollback(plan.id)
      await ended(plan.id)
      expect((await runs(udns()[1] ?? '', 'Clock.TimeZone'))[1]).toBe('UTC')
    },
    60_000,
  )
})
