/** `config get|set|diff|apply`: the configuration of devices, by way of plans that are previewed and read back. */
import {
  type ConfigurationChange,
  type ConfigurationFormat,
  type ConfigurationPlan,
  type PlanRow,
  valuesSchema,
} from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import type { Controller } from '../controller'
import { finish, report, untilOnline } from './device-commands'
import { printFailure, printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'
import { readText, writeOut } from './write-out'

export interface ConfigOptions extends SiteOptions {
  readonly udn: readonly string[]
  readonly seconds: number
}

const online = (controller: Controller, options: ConfigOptions): Promise<unknown> =>
  Promise.all(options.udn.map((udn) => untilOnline(controller, udn, options.seconds)))

export interface ConfigGetOptions extends ConfigOptions {
  readonly format?: ConfigurationFormat
  readonly out?: string
}

/** What devices run: as lines, or as a file that `config apply` takes. */
export const configGet = (options: ConfigGetOptions): Promise<void> =>
  withController(options, async (controller) => {
    await online(controller, options)
    const { configurations } = controller.operation()
    if (options.format) {
      const text = await configurations.exportText(options.udn, options.format)
      if (options.out === undefined) process.stdout.write(text)
      else writeOut(options.out, text)
      return
    }
    for (const udn of options.udn) {
      const configuration = await configurations.read(udn)
      if (options.json) printJson(configuration)
      else
        for (const [name, value] of Object.entries(configuration.values))
          printLine(`${udn}  ${name}=${value}${configuration.differs.includes(name) ? '  differs' : ''}`)
    }
  })

/** What would change if the template of its group were applied; exit code CONFIGURATION_DIFFERS when something would. */
export const configDiff = (options: ConfigOptions): Promise<void> =>
  withController(options, async (controller) => {
    await online(controller, options)
    const plan = await controller.operation().configurations.preview(options.udn, { kind: 'template' })
    printPlan(plan, options)
    for (const row of plan.rows) {
      if (row.problem) printFailure(new IotmcError(row.problem, { subject: row.udn }), options.json ?? false)
      else if (row.changes.length > 0)
        printFailure(new IotmcError('CONFIGURATION_DIFFERS', { subject: row.udn }), false)
    }
  })

export interface ConfigSetOptions extends ConfigOptions {
  readonly value: readonly string[]
}

/** Sets values on devices: all of them on each device, or none. Errors: USAGE, those of the devices. */
export const configSet = (options: ConfigSetOptions): Promise<void> => {
  const read = valuesSchema.safeParse(Object.fromEntries(options.value.map(splitValue)))
  if (!read.success) throw new IotmcError('USAGE', { detail: '--value has the form Name=value' })
  const values = read.data
  return withController(options, async (controller) => {
    await online(controller, options)
    await applyChange(controller, { ...options, strict: true }, { kind: 'values', values })
  })
}

const splitValue = (text: string): [string, string] => {
  const at = text.indexOf('=')
  if (at < 1) throw new IotmcError('USAGE', { subject: text, detail: '--value has the form Name=value' })
  return [text.slice(0, at), text.slice(at + 1)]
}

export interface ConfigApplyOptions extends SiteOptions {
  readonly udn?: readonly string[]
  readonly seconds: number
  /** CSV or YAML as `config get` writes it. */
  readonly file?: string
  readonly dryRun?: boolean
}

/** Applies the template of each device's group, or a file. Errors: USAGE, FILE_INVALID, those of the devices. */
export const configApply = (options: ConfigApplyOptions): Promise<void> => {
  const { file } = options
  const udn = options.udn ?? []
  if ((file === undefined) === (udn.length === 0))
    throw new IotmcError('USAGE', { detail: 'either --udn or --file is needed' })
  return withController(options, async (controller) => {
    await online(controller, { ...options, udn })
    if (file === undefined) {
      await applyChange(controller, { ...options, udn }, { kind: 'template' })
      return
    }
    const format = /\.ya?ml$/i.test(file) ? 'yaml' : 'csv'
    const { configurations } = controller.operation()
    const text = readText(file)
    let plan = await configurations.importText(format, text)
    // Only the file says which devices are meant; those that were not heard yet get their time.
    const unheard = plan.rows.filter(
      ({ problem }) => problem === 'DEVICE_OFFLINE' || problem === 'DEVICE_UNKNOWN',
    )
    if (unheard.length > 0) {
      await Promise.allSettled(unheard.map((row) => untilOnline(controller, row.udn, options.seconds)))
      plan = await configurations.importText(format, text)
    }
    await applyPlan(controller, plan, options)
  })
}

interface ApplyHow {
  readonly dryRun?: boolean
  /** A device that does not have one of the names is left as it is. */
  readonly strict?: boolean
}

const applyChange = async (
  controller: Controller,
  options: ConfigOptions & ApplyHow,
  change: ConfigurationChange,
): Promise<void> => {
  const plan = await controller.operation().configurations.preview(options.udn, change)
  await applyPlan(controller, plan, options)
}

const applyPlan = async (
  controller: Controller,
  plan: ConfigurationPlan,
  options: SiteOptions & ApplyHow,
): Promise<void> => {
  printPlan(plan, options)
  for (const row of plan.rows)
    if (row.problem) printFailure(new IotmcError(row.problem, { subject: row.udn }), options.json ?? false)
  const lacking = options.strict ? plan.rows.filter(({ left }) => left.length > 0) : []
  for (const { udn, left } of lacking) {
    const error = new IotmcError('UNKNOWN_PARAMETER', { subject: udn, detail: left.join(', ') })
    printFailure(error, options.json ?? false)
  }
  const udns = plan.rows.filter((row) => canApply(row) && !lacking.includes(row)).map(({ udn }) => udn)
  if (options.dryRun || udns.length === 0) return
  const begun = controller.operation().configurations.apply(plan.id, udns)
  const ids = begun.rows.flatMap(({ jobId }) => jobId ?? [])
  const jobs = await untilEnded(controller, ids, (job) => {
    report(job, options.json ?? false)
    return 'go-on'
  })
  finish(jobs, options.json ?? false)
}

const canApply = (row: PlanRow): boolean => !row.problem && row.changes.length > 0

const printPlan = (plan: ConfigurationPlan, options: SiteOptions): void => {
  for (const row of plan.rows) {
    if (options.json) printJson(row)
    else if (row.changes.length === 0 && !row.problem) printLine(`${row.udn}  same`)
    else
      for (const { name, from, to, problem } of row.changes)
        printLine(`${row.udn}  ${name}  ${from ?? '-'} -> ${to}${problem ? `  ${problem}` : ''}`)
  }
}
