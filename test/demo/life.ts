/** The last part of the demo: the site plan makes a difference go away, and the board that came from the factory ends its life here. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../../electron/contract/job'
import type { Controller } from '../../electron/controller'
import { verifyReport } from '../../electron/reports/verify'

export interface LifeDemo {
  readonly controller: Controller
  readonly folder: string
  readonly udn: string
  readonly serialNumber: string
  /** Folder in which the device keeps its state. */
  readonly stateFolder: string
  readonly tell: (text: string) => void
  readonly need: (fact: boolean, what: string) => void
  readonly ended: (jobId: string) => Promise<Job>
  readonly until: (what: string, fact: () => boolean) => Promise<void>
}

/** Errors: those of the device, and of what was not read back. */
export const runLife = async (demo: LifeDemo): Promise<void> => {
  await applyPlan(demo)
  await decommission(demo)
}

const applyPlan = async ({ controller, serialNumber, udn, need, tell, ended }: LifeDemo): Promise<void> => {
  const { groups, plan, works } = controller.life()
  groups.save({ name: 'Plant', values: { 'Report.IntervalSeconds': '20' } })
  groups.save({ name: 'East hall', values: { 'Device.Location': 'East hall' }, parent: 'Plant' })
  plan.importText(
    `serial,name,place,group,set:Device.Location\n${serialNumber},Pump of the line,Row 3,East hall,Row 3\n`,
    'replace',
  )
  const stand = async () => (await plan.compare()).rows.find((row) => row.udn === udn)
  const differs = await stand()
  need(differs?.stand === 'different', `plan: ${differs?.differences.length} differences seen`)
  const work = await works.preview({ what: 'plan' })
  const { tasks, bytes, durationS } = work.totals
  tell(`plan: ${tasks} tasks, ${bytes} bytes, about ${Math.round(durationS)} s`)
  const applied = works.apply(work.id)
  await ended(applied.rows.find((row) => row.udn === udn)?.jobId ?? '')
  const after = await stand()
  need(after?.stand === 'present', 'plan: compared again, the device is what the plan says')
  const { values, origins } = await controller.operation().configurations.read(udn)
  need(
    values['Device.Location'] === 'Row 3' && origins['Device.Location']?.from === 'device',
    'configuration: its own value wins over that of its group',
  )
  const interval = origins['Report.IntervalSeconds']
  need(
    values['Report.IntervalSeconds'] === '20' && interval?.from === 'group' && interval.group === 'Plant',
    'configuration: a value of the group above its group',
  )
}

const decommission = async (demo: LifeDemo): Promise<void> => {
  const { controller, udn, need, tell, ended, folder } = demo
  const { decommissions, revocations } = controller.life()
  const secret = siteKeyOf(demo.stateFolder)
  need(secret !== undefined && holds(demo.stateFolder, secret), 'its site key lies in its state folder')
  const { phrase } = await decommissions.preview({ udns: [udn], revokeIdevid: false })
  tell(`typed: ${phrase}`)
  const [jobId = ''] = decommissions.start({ udns: [udn], revokeIdevid: false, reason: 'retired', phrase })
  await ended(jobId)
  const record = decommissions.list().find(({ id }) => id === jobId)
  need(
    record?.state === 'certified',
    `decommissioned: ${record?.revoked.length} certificates revoked, proven, certified`,
  )
  const list = revocations.list()
  need(list.entries >= 1, `revocation list ${list.number}: ${list.entries} entries, ${list.bytes} bytes`)
  need(
    secret !== undefined && !holds(demo.stateFolder, secret),
    'its site key is nowhere in its state folder',
  )
  const { name, data } = await decommissions.file(jobId, 'zip')
  const path = join(folder, name)
  writeFileSync(path, data)
  const verdict = await verifyReport(path, { fingerprint: controller.status().siteAuthority?.fingerprint })
  need(verdict.ok, 'certificate of decommissioning: signatures of the device and of the site are right')
  await demo.until('the device as new', () => {
    const device = controller.devices().find((one) => one.udn === udn)
    return device?.online === true && device.phase === 'provisioning'
  })
  need(true, 'the device is back as one that needs a network, with its factory identity alone')
}

/** Some bytes of the private key of the LDevID, as they lie on its disk. */
const siteKeyOf = (folder: string): Buffer | undefined => {
  const file = filesIn(folder).find((path) => /ldevid.*key/.test(path))
  return file === undefined ? undefined : Buffer.from(readFileSync(file, 'utf8').split('\n')[1] ?? '')
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

const holds = (folder: string, secret: Buffer): boolean =>
  filesIn(folder).some((path) => readFileSync(path).includes(secret))
