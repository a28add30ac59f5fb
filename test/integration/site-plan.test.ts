/** A plan applied to a real device: let in, described, configured, moved; nothing left to do afterwards. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Controller, createController } from '../../electron/controller'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { openSettings } from '../../electron/store/settings'
import { killDevices, startDevice } from '../helpers/device-process'
import { requirePrivateNetwork } from '../helpers/private-network'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'

const PASSPHRASE = 'integration-passphrase'
const temp = makeTempDir()
let controller: Controller
let udn = ''

beforeAll(async () => {
  requirePrivateNetwork()
  const site = join(temp.path, 'site')
  const factory = join(temp.path, 'factory')
  controller = await createController({
    dataDir: site,
    practice: false,
    passphrase: PASSPHRASE,
    openSettings,
    interfaces: ['lo'],
    log: keepingLog(),
  })
  await controller.setup({
    technician: 'Operator 17',
    siteName: 'Plan',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
  const authority = await openPracticeFactory(factory)
  controller.trustAdd(authority.certificatePem)
  controller.saveGroup({ name: 'North', values: { 'Device.Location': 'Hall 7' } })
  controller.saveGroup({ name: 'South', values: {}, parent: 'North' })
  const device = await startDevice([
    ...['--state', join(temp.path, 'device'), '--interface', 'lo', '--phase', 'commissioning'],
    ...['--model', 'PX-200', '--serial', 'PX200-7', '--factory', factory],
    ...['--anchor', join(site, 'public', 'site-ca.pem')],
  ])
  udn = (await device.ready).udn
}, 120_000)
afterAll(async () => {
  await controller?.close()
  await killDevices()
  temp.remove()
})

const until = (fact: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const offs: (() => void)[] = []
    const look = (): void => {
      if (!fact()) return
      for (const off of offs.splice(0)) off()
      resolve()
    }
    offs.push(controller.on('devices', look), controller.on('jobs', look), controller.on('works', look))
    look()
  })

const applied = async (workId: string) => {
  const rows = () =>
    controller
      .life()
      .works.list()
      .find(({ id }) => id === workId)?.rows ?? []
  controller.life().works.apply(workId)
  await until(() => rows().every(({ state }) => state === 'done' || state === 'failed'))
  return rows().map(({ state, error }) => error ?? state)
}

it('brings a device in as planned, and to another group', async () => {
  const { plan, works } = controller.life()
  plan.importText(
    'serial,name,place,group,set:Device.Location\nPX200-7,Pump 7,Cellar,North,Hall 8\n',
    'replace',
  )
  // Asked for before it was heard: its row waits for it.
  const work = await works.preview({ what: 'plan' })
  expect(work.rows[0]?.tasks.map(({ kind }) => kind)).toEqual(['commission', 'describe'])
  expect(await applied(work.id)).toEqual(['done'])
  const device = controller.devices().find((each) => each.udn === udn)
  expect(device).toMatchObject({ name: 'Pump 7', place: 'Cellar', group: 'North' })
  const { rows, counts } = await plan.compare()
  expect(rows[0]?.differences).toEqual([])
  expect(counts).toEqual({ present: 1, different: 0, missing: 0, unexpected: 0 })

  const moved = await works.preview({ what: 'group', udns: [udn], group: 'South' })
  expect(moved.rows[0]?.tasks.map(({ kind }) => kind)).toEqual(['assign-group'])
  expect(await applied(moved.id)).toEqual(['done'])
  expect(plan.exportText('site')).toContain(',South,')
  // The plan still says North: back again, by the plan.
  const back = await works.preview({ what: 'plan' })
  expect(await applied(back.id)).toEqual(['done'])
  expect((await plan.compare()).counts.present).toBe(1)
  expect(plan.exportText('site')).toContain('Hall 8')
}, 90_000)
