/** `log get|tail|clear|export`: the logs of devices, by way of the store of this laptop. */
import {
  exportTargetSchema,
  type LogFormat,
  logFilterSchema,
  SEVERITIES,
  type StoredRecord,
} from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import type { Controller } from '../controller'
import { finish, report, untilOnline } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'
import { writeParts } from './write-out'

export interface LogFilterOptions extends SiteOptions {
  readonly udn?: readonly string[]
  readonly severity: string
  readonly since?: string
  readonly until?: string
  readonly text?: string
}

const filterOf = (o: LogFilterOptions) => {
  const moment = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    const ms = Date.parse(text)
    if (Number.isNaN(ms))
      throw new IotmcError('USAGE', { detail: `${name} must be such as 2026-03-01T00:00:00Z` })
    return ms
  }
  const [fromMs, toMs] = [moment('--since', o.since), moment('--until', o.until)]
  const filter = logFilterSchema.safeParse({
    maxSeverity: (SEVERITIES as readonly string[]).indexOf(o.severity),
    ...(o.udn ? { udns: [...o.udn] } : {}),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(o.text === undefined ? {} : { text: o.text }),
  })
  if (filter.success) return filter.data
  const [problem] = filter.error.issues
  throw new IotmcError('USAGE', { detail: `--${problem?.path.join('.')}: ${problem?.message}` })
}

export interface LogGetOptions extends LogFilterOptions {
  readonly udn: readonly string[]
  readonly limit: string
  readonly stored?: boolean
  readonly seconds: number
}

/** Fetches what is new (unless only what is stored is wanted) and prints the newest records that fit, oldest first. */
export const logGet = (options: LogGetOptions): Promise<void> => {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1)
    throw new IotmcError('USAGE', { detail: '--limit must be a number' })
  const filter = filterOf(options)
  return withController(options, async (controller) => {
    if (!options.stored) await fetchLogs(controller, options, false)
    const { logs } = controller.operation()
    const records: StoredRecord[] = []
    for (;;) {
      const last = records.at(-1)
      const page = await logs.query({
        ...filter,
        limit: Math.min(500, limit - records.length),
        ...(last ? { before: { timeMs: last.timeMs, position: last.position } } : {}),
      })
      records.push(...page.records)
      if (!page.more || records.length >= limit) break
    }
    for (const record of records.reverse()) printRecord(record, options.json ?? false)
  })
}

/** Fetches, and clears on the devices what is stored then. */
export const logClear = (options: LogGetOptions): Promise<void> =>
  withController(options, (controller) => fetchLogs(controller, options, true))

const fetchLogs = async (controller: Controller, options: LogGetOptions, clear: boolean): Promise<void> => {
  await Promise.all(options.udn.map((udn) => untilOnline(controller, udn, options.seconds)))
  const ids = controller.operation().logs.fetch(options.udn, clear)
  const jobs = await untilEnded(controller, ids, (job) => {
    if (clear) report(job, options.json ?? false)
    return 'go-on'
  })
  finish(jobs, options.json ?? false)
}

export interface LogWriteOptions extends SiteOptions {
  readonly udn: string
  readonly name: string
  readonly seconds: number
}

/** The device writes its log to the storage plugged in there. Errors: USAGE for a name that is none, NO_EXTERNAL_STORAGE, NO_SPACE. */
export const logWrite = (options: LogWriteOptions): Promise<void> => {
  const target = exportTargetSchema.safeParse(options.name)
  if (!target.success)
    throw new IotmcError('USAGE', {
      subject: options.name,
      detail: 'letters, digits, dots, dashes, underscores',
    })
  return withController(options, async (controller) => {
    await untilOnline(controller, options.udn, options.seconds)
    const done = await controller.operation().logs.exportOnDevice(options.udn, target.data)
    if (options.json) printJson(done)
    else printLine(`${options.udn}  ${done.written} records in ${done.file}`)
  })
}

export interface LogTailOptions extends SiteOptions {
  readonly udn: readonly string[]
  readonly seconds: number
  /** How long to follow; absent = until SIGTERM or Ctrl+C. */
  readonly for?: number
}

/** Prints records of the devices as they come. */
export const logTail = (options: LogTailOptions): Promise<void> =>
  withController(options, async (controller) => {
    await Promise.all(options.udn.map((udn) => untilOnline(controller, udn, options.seconds)))
    const { logs } = controller.operation()
    const off = controller.on('logStored', ({ records }) => {
      const ours = records.filter(({ udn }) => options.udn.includes(udn))
      for (const record of ours.sort((a, b) => a.position - b.position))
        printRecord(record, options.json ?? false)
    })
    for (const udn of options.udn) logs.tail(udn, true)
    await new Promise<void>((resolve) => {
      process.once('SIGTERM', resolve)
      process.once('SIGINT', resolve)
      // Nobody reads any more (`| head`).
      process.stdout.once('error', resolve)
      if (options.for !== undefined) setTimeout(resolve, options.for * 1000).unref()
    })
    off()
    for (const udn of options.udn) logs.tail(udn, false)
  })

const printRecord = (record: StoredRecord, json: boolean): void => {
  if (json) {
    printJson(record)
    return
  }
  const { time, clockSynchronised, severity, component, code, message, udn, sequence } = record
  printLine(
    `${time}${clockSynchronised ? '' : '?'}  ${SEVERITIES[severity]?.padEnd(13)}  ${udn}  ${sequence}  ${component}  ${code}  ${message.replaceAll('\n', ' ')}`,
  )
}

export interface LogExportOptions extends LogFilterOptions {
  readonly format: LogFormat
  readonly out?: string
}

/** Writes stored records; to a file whole or not at all. Errors: FILE_INVALID. */
export const logExport = (options: LogExportOptions): Promise<void> => {
  const filter = filterOf(options)
  return withController(options, async (controller) => {
    const text = controller.operation().logs.export(filter, options.format)
    await writeParts(options.out, text)
  })
}
