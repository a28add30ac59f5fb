/** Asking devices for their configuration: one for its drawer, many for a plan or a file. */
import { readConfiguration, readParameters } from '../configuration/client'
import type { FileDevice } from '../configuration/file-rules'
import { type Looked, type PlannedRow, planRow } from '../configuration/plan'
import type { Values } from '../contract/configuration'
import type { Device } from '../contract/device'
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import { CONFIGURE_LIMITS } from '../contract/timings'
import type { DeviceLink } from '../jobs/device-link'
import { inLanes } from '../jobs/lanes-of-work'

export interface LookTools {
  readonly link: Pick<DeviceLink, 'call'>
  readonly device: (udn: string) => Device | undefined
  /** A new deadline for each question. */
  readonly deadline: () => AbortSignal
}

/** What is wanted of one device; `whole` as in planRow. */
export interface Wanted {
  readonly values: Values
  readonly whole: boolean
}

/** Errors: those of the link, BAD_ANSWER. */
export const lookAt = async (tools: LookTools, udn: string): Promise<Looked> => {
  const call = tools.link.call.bind(tools.link, udn)
  const signal = tools.deadline()
  return { parameters: await readParameters(call, signal), running: await readConfiguration(call, signal) }
}

/** One row for each device, in order; why one can't be changed is its row's problem, not an error. */
export const planRows = async (
  tools: LookTools,
  udns: readonly string[],
  wantedOf: (device: Device) => Wanted,
): Promise<PlannedRow[]> => {
  const rows = new Map<string, PlannedRow>()
  const distinct = [...new Set(udns)]
  await inLanes(distinct, CONFIGURE_LIMITS.lanes, async (udn) => {
    const device = tools.device(udn)
    try {
      if (!device) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
      requireManaged(device)
      const { values, whole } = wantedOf(device)
      rows.set(udn, planRow(device, await lookAt(tools, udn), values, whole))
    } catch (thrown) {
      const { code, detail } = asIotmcError(thrown)
      rows.set(udn, { row: problemRow(udn, device?.name ?? udn, code, detail) })
    }
  })
  return distinct.flatMap((udn) => rows.get(udn) ?? [])
}

const problemRow = (udn: string, name: string, code: ErrorCode, detail: string | undefined) => ({
  udn,
  name,
  changes: [],
  left: [],
  problem: code,
  state: 'previewed' as const,
  ...(detail ? { error: { code, detail } } : {}),
})

const requireManaged = (device: Device): void => {
  const { udn: subject, managed, online, phase, capabilities } = device
  if (!managed) throw new IotmcError('DEVICE_NOT_MANAGED', { subject })
  if (!online) throw new IotmcError('DEVICE_OFFLINE', { subject })
  if (!capabilities.includes('config'))
    throw new IotmcError('INVALID_ACTION', { subject, detail: 'it has no Configuration' })
  if (phase !== undefined && phase !== 'operation' && phase !== 'maintenance')
    throw new IotmcError('WRONG_PHASE', { subject, detail: phase })
}

/** For a file, in order: a device that can't be asked stands there without values. Errors: the first, when all failed. */
export const fileDevices = async (tools: LookTools, udns: readonly string[]): Promise<FileDevice[]> => {
  const found = new Map<string, FileDevice>()
  const failures: unknown[] = []
  const distinct = [...new Set(udns)]
  await inLanes(distinct, CONFIGURE_LIMITS.lanes, async (udn) => {
    const { model = '', serialNumber: serial = '' } = tools.device(udn) ?? {}
    let values: Values = {}
    try {
      values = writableValues(await lookAt(tools, udn))
    } catch (thrown) {
      failures.push(thrown)
    }
    found.set(udn, { udn, model, serial, values })
  })
  if (failures.length > 0 && failures.length === distinct.length) throw failures[0]
  return distinct.flatMap((udn) => found.get(udn) ?? [])
}

/** What a device only measures is left out: it would differ when the file comes back. */
const writableValues = ({ parameters, running }: Looked): Values => {
  const writable = new Set(parameters.filter((p) => p.access === 'readWrite').map((p) => p.name))
  return Object.fromEntries(Object.entries(running.values).filter(([name]) => writable.has(name)))
}

/** Errors: WRONG_MODEL, UDN_MISMATCH where the file means another device than the one that has this UDN. */
export const requireSame = (device: Device, { model, serial }: FileDevice): void => {
  const { udn: subject } = device
  if (model !== '' && device.model !== undefined && model !== device.model)
    throw new IotmcError('WRONG_MODEL', { subject, detail: `the file says ${model}` })
  if (serial !== '' && device.serialNumber !== undefined && serial !== device.serialNumber)
    throw new IotmcError('UDN_MISMATCH', { subject, detail: `the file says serial number ${serial}` })
}
