/** What a work would do to each device: tasks, what was seen, and why nothing can be done. */
import type { Effective } from '../configuration/effective'
import type { Looked } from '../configuration/plan'
import { type ComparedRow, type PlanDevice, valueDifferences } from '../configuration/site-plan-compare'
import { learnPaces, type Paces } from '../configuration/site-plan-pace'
import { type PlannedImage, tasksOf } from '../configuration/site-plan-work'
import type { ExpectedDevice } from '../contract/enrollment'
import type { ErrorCode } from '../contract/errors'
import type { FirmwareBundle } from '../contract/firmware'
import type { Job } from '../contract/job'
import { checkValue } from '../contract/parameter-check'
import type { PlanDifference, SiteWorkRow, WorkKind } from '../contract/site-plan'
import type { Words } from '../jobs/apply-tools'
import type { WorkRowRecord } from '../store/tables/site-works'

export interface PreviewFacts {
  readonly bundles: readonly FirmwareBundle[]
  readonly groupExists: (name: string) => boolean
  /** The group of who has none of its own in the plan. */
  readonly defaultGroup: string
  readonly isFrozen: (udn: string) => boolean
  readonly looked: (udn: string) => Looked | undefined
  readonly wanted: (entry: ExpectedDevice, device: PlanDevice | undefined) => Effective
  /** The time that tasks take here. */
  readonly paces: Paces
}

interface FactSources extends Pick<PreviewFacts, 'groupExists' | 'isFrozen'> {
  readonly firmware: () => { bundles(): Promise<Pick<PreviewFacts, 'bundles'>> }
  readonly defaultGroup: () => string
  readonly runner: { list(): readonly Job[] }
}

/** What a preview goes by, at this moment. */
export const previewFacts = async (
  { firmware, groupExists, defaultGroup, isFrozen, runner }: FactSources,
  looked: PreviewFacts['looked'],
  wanted: PreviewFacts['wanted'],
): Promise<PreviewFacts> => {
  const { bundles } = await firmware().bundles()
  const paces = learnPaces(runner.list())
  // Thousands of rows name the same few groups.
  const groups = new Map<string, boolean>()
  const exists = (name: string): boolean => {
    const known = groups.get(name) ?? groupExists(name)
    groups.set(name, known)
    return known
  }
  return { bundles, groupExists: exists, defaultGroup: defaultGroup(), isFrozen, looked, wanted, paces }
}

/** The bundle that would be installed; the model is not known before a device was heard. */
export const bundleFor = (
  bundles: readonly FirmwareBundle[],
  version: string,
  made: { readonly model?: string | undefined; readonly hardwareRevision?: string | undefined },
): FirmwareBundle | undefined =>
  bundles.find(
    ({ manifest, problem }) =>
      !problem &&
      manifest.version === version &&
      (!made.model || manifest.model === made.model) &&
      (!made.hardwareRevision || manifest.hardwareRevisions.includes(made.hardwareRevision)),
  )

/** A difference that only a person can make go away. */
const byHand = (
  differences: readonly PlanDifference[],
  looked: Looked | undefined,
): ErrorCode | undefined => {
  const manual = differences.find((difference) => difference.manual)
  switch (manual?.field) {
    case undefined:
      return undefined
    case 'model':
      return 'WRONG_MODEL'
    case 'firmware':
      return 'DOWNGRADE_REFUSED'
    case 'configuration': {
      const known = looked?.parameters.some(({ name }) => name === manual.parameter)
      return known ? 'READ_ONLY_PARAMETER' : 'UNKNOWN_PARAMETER'
    }
    default:
      return 'OTHER_DEVICE'
  }
}

const refusedValue = (
  differences: readonly PlanDifference[],
  looked: Looked | undefined,
): ErrorCode | undefined => {
  for (const { field, parameter: name, planned } of differences) {
    const parameter = looked?.parameters.find((each) => each.name === name)
    const problem = field === 'configuration' && parameter && checkValue(parameter, planned)
    if (problem) return problem
  }
  return undefined
}

interface Subject {
  readonly key: string
  readonly name: string
  readonly entry: ExpectedDevice
  readonly device: PlanDevice | undefined
  readonly differences: readonly PlanDifference[]
}

const imageOf = (bundle: FirmwareBundle | undefined): PlannedImage | undefined =>
  bundle && { bytes: bundle.manifest.image.size, probationS: bundle.manifest.probationHours * 3600 }

/** Tasks whose differences can't be told before the device is there. */
const untold = ({ entry, device }: Subject, values: Effective['values'], looked: Looked | undefined) => {
  const kinds = new Set<WorkKind>()
  if (!device?.enrolled && (entry.name || entry.place || entry.note)) kinds.add('describe')
  if (device?.enrolled && !looked && Object.keys(values).length > 0) kinds.add('configure')
  return kinds
}

/** What a person has written of a device. */
export const wordsOf = (device: PlanDevice | undefined): Words | undefined =>
  device && {
    ...(device.givenName ? { name: device.givenName } : {}),
    ...(device.place ? { place: device.place } : {}),
    ...(device.note ? { note: device.note } : {}),
  }

const rowFor = (subject: Subject, facts: PreviewFacts): WorkRowRecord => {
  const { key, name, entry, device, differences } = subject
  const { bundles, groupExists, defaultGroup, isFrozen } = facts
  const looked = device && facts.looked(device.udn)
  const { values } = facts.wanted(entry, device)
  const udn = device?.udn ?? entry.udn
  const changesFirmware = differences.some(({ field, manual }) => field === 'firmware' && !manual)
  const bundle =
    entry.firmware && changesFirmware
      ? bundleFor(bundles, entry.firmware, device ?? { model: entry.model })
      : undefined
  const tasks = tasksOf(differences, untold(subject, values, looked), imageOf(bundle), facts.paces)
  const group = entry.group ?? (device?.enrolled ? undefined : defaultGroup)
  const problem =
    byHand(differences, looked) ??
    (udn && isFrozen(udn) ? 'FROZEN' : undefined) ??
    (group !== undefined && !groupExists(group) ? 'GROUP_UNKNOWN' : undefined) ??
    refusedValue(differences, looked) ??
    (changesFirmware && !bundle ? 'BUNDLE_UNKNOWN' : undefined)
  const row: SiteWorkRow = {
    key,
    ...(udn ? { udn } : {}),
    name,
    online: device?.online ?? false,
    tasks,
    ...(problem ? { problem } : {}),
    state: tasks.length === 0 && !problem ? 'same' : 'previewed',
  }
  if (row.state === 'same' || problem) return { row }
  // Without a word from the device there is nothing that could have drifted.
  const seen = device?.enrolled &&
    (looked || Object.keys(values).length === 0) && {
      group: device.group ?? '',
      firmware: device.firmware ?? '',
      values: Object.fromEntries(
        Object.keys(values).flatMap((parameter): [string, string][] => {
          const running = looked?.running.values ?? {}
          // A parameter may be called `constructor`.
          const now = Object.hasOwn(running, parameter) ? running[parameter] : undefined
          return now === undefined ? [] : [[parameter, now]]
        }),
      ),
    }
  const words = wordsOf(device)
  return { row, order: { entry, values, ...(seen ? { seen } : {}), ...(words ? { words } : {}) } }
}

/** Rows for entries of the plan that differ from what there is, or are missing. */
export const planRows = (
  compared: readonly ComparedRow[],
  keys: ReadonlySet<string> | undefined,
  facts: PreviewFacts,
): WorkRowRecord[] =>
  compared.flatMap(({ row, entry, device }) => {
    if (!entry) return []
    const { key, name, differences, stand } = row
    if (keys ? !keys.has(key) : stand === 'present') return []
    return [rowFor({ key, name, entry, device, differences }, facts)]
  })

/** Rows for devices that are to be in a group. `own`: what the plan wants of each alone. */
export const groupRows = (
  devices: readonly PlanDevice[],
  group: string,
  own: (device: PlanDevice) => ExpectedDevice['values'],
  facts: PreviewFacts,
): WorkRowRecord[] =>
  devices.map((device): WorkRowRecord => {
    const { udn, name, online } = device
    if (!device.enrolled)
      return { row: { key: udn, udn, name, online, tasks: [], problem: 'WRONG_PHASE', state: 'previewed' } }
    const values = own(device)
    const entry: ExpectedDevice = { udn, group, ...(values ? { values } : {}) }
    const moved: PlanDifference[] =
      device.group === group
        ? []
        : [
            {
              field: 'group',
              planned: group,
              ...(device.group ? { found: device.group } : {}),
              manual: false,
            },
          ]
    const looked = facts.looked(udn)
    const changed = looked ? valueDifferences(facts.wanted(entry, device), looked) : []
    return rowFor({ key: udn, name, entry, device, differences: [...moved, ...changed] }, facts)
  })
