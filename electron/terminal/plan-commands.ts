/** `plan …`, `group …`, `device …`: the plan of the site, its groups, and what people call its devices. */
import { valuesSchema } from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import { isRowUnderWay, type SiteRow, type SiteWork, type SiteWorkRow } from '../contract/site-plan'
import type { Controller } from '../controller'
import { finish, report, untilHeard } from './device-commands'
import { printFailure, printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'
import { readText, writeOut } from './write-out'

/** A CSV file takes the place of the plan, or is added to it. Errors: FILE_INVALID with the line. */
export const planImport = (file: string, options: SiteOptions & { readonly add?: boolean }): Promise<void> =>
  withController(options, async (controller) => {
    const plan = controller.life().plan.importText(readText(file), options.add ? 'add' : 'replace')
    if (options.json) printJson({ devices: plan.length })
    else printLine(`${plan.length} devices in the plan`)
  })

/** Lines of a scanner. */
export const planScan = (file: string, options: SiteOptions & { readonly group?: string }): Promise<void> =>
  withController(options, async (controller) => {
    const { added, known } = controller.life().plan.scan(readText(file), options.group)
    if (options.json) printJson({ added, known })
    else printLine(`${added} added, ${known} known already`)
  })

export const planExport = (
  options: SiteOptions & { readonly from: 'plan' | 'site'; readonly out?: string; readonly seconds: number },
): Promise<void> =>
  withController(options, async (controller) => {
    if (options.from === 'site') await untilHeard(controller, undefined, options.seconds)
    const text = controller.life().plan.exportText(options.from)
    if (options.out) writeOut(options.out, text)
    else process.stdout.write(text)
  })

interface Waiting extends SiteOptions {
  readonly seconds: number
}

/** Who is planned gets the time to be heard, by UDN or serial number; never fails. */
const heard = (controller: Controller, seconds: number): Promise<void> =>
  new Promise((resolve) => {
    const planned = controller.expected()
    const all = (): boolean => {
      const online = controller.devices().filter((device) => device.online)
      const udns = new Set(online.map(({ udn }) => udn))
      const serials = new Set(online.map(({ serialNumber }) => serialNumber))
      return planned.every(
        ({ udn, serialNumber }) => (udn && udns.has(udn)) || (serialNumber && serials.has(serialNumber)),
      )
    }
    const end = (): void => {
      clearTimeout(timer)
      off()
      resolve()
    }
    const timer = setTimeout(end, seconds * 1000)
    const off = controller.on('devices', () => all() && end())
    if (all()) end()
  })

export const planCompare = (options: Waiting): Promise<void> =>
  withController(options, async (controller) => {
    await heard(controller, options.seconds)
    const { rows, counts } = await controller.life().plan.compareAsking()
    for (const row of rows) {
      if (options.json) printJson(row)
      else printLine(rowLine(row))
    }
    if (!options.json)
      printLine(
        Object.entries(counts)
          .map(([stand, count]) => `${count} ${stand}`)
          .join(', '),
      )
  })

const rowLine = (row: SiteRow): string => {
  const differences = row.differences.map(
    ({ field, parameter, planned, found }) => `${parameter ?? field}: ${found ?? '-'} -> ${planned}`,
  )
  return [row.stand.padEnd(10), row.serialNumber ?? row.udn ?? row.key, row.name, ...differences].join('  ')
}

/** Previews what makes the difference go away, and (without `--dry-run`) does it; what is offline stays held by its job. */
export const planApply = (options: Waiting & { readonly dryRun?: boolean }): Promise<void> =>
  withController(options, async (controller) => {
    await heard(controller, options.seconds)
    const work = await controller.life().works.preview({ what: 'plan' })
    printWork(work, options)
    if (options.dryRun) return
    const begun = controller.life().works.apply(work.id)
    const json = options.json ?? false
    for (const row of begun.rows)
      if (row.problem) printFailure(new IotmcError(row.problem, { subject: row.udn ?? row.name }), json)
    const ids = begun.rows.flatMap(({ jobId, online }) => (online && jobId ? [jobId] : []))
    if (ids.length === 0) return
    const jobs = await untilEnded(controller, ids, (job) => {
      report(job, json)
      return 'go-on'
    })
    finish(jobs, json)
  })

/** Calls off what earlier works still wait for or do; prints each device that is left as it is. */
export const planCancel = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const { works } = controller.life()
    for (const { id, rows } of works.list()) {
      const open = new Set(rows.filter(isRowUnderWay).map(({ key }) => key))
      if (open.size === 0) continue
      for (const row of works.cancel(id).rows.filter(({ key }) => open.has(key))) {
        if (options.json) printJson(row)
        else printLine(`${row.udn ?? row.name}  ${row.state}`)
      }
    }
  })

const printWork = (work: SiteWork, options: SiteOptions): void => {
  for (const row of work.rows) {
    if (options.json) printJson(row)
    else for (const line of workLines(row)) printLine(line)
  }
  const { devices, held, tasks, bytes, downtimeS, durationS } = work.totals
  if (!options.json)
    printLine(
      `${tasks} tasks on ${devices} devices, ${held} held; ${bytes} bytes, down up to ${Math.round(downtimeS)} s, about ${Math.round(durationS)} s in all`,
    )
}

const workLines = (row: SiteWorkRow): string[] => {
  const subject = row.udn ?? row.name
  if (row.problem) return [`${subject}  ${row.problem}`]
  if (row.tasks.length === 0) return [`${subject}  same`]
  return row.tasks.map(({ kind, risk, bytes, downtimeS }) =>
    [subject, kind, `risk ${risk}`, `${bytes} bytes`, `down ${Math.round(downtimeS)} s`].join('  '),
  )
}

export const groupList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => printGroups(controller, options))

const printGroups = (controller: Controller, options: SiteOptions): void => {
  for (const group of controller.groups()) {
    if (options.json) printJson(group)
    else
      printLine(
        [group.name, `in ${group.parent ?? '-'}`, `version ${group.version}`, `${group.members ?? 0} members`]
          .concat(Object.entries(group.values).map(([name, value]) => `${name}=${value}`))
          .join('  '),
      )
  }
}

/** Makes a group or changes it; values that are not named stay. Errors: GROUP_INVALID, USAGE. */
export const groupSave = (
  name: string,
  options: SiteOptions & { readonly value?: readonly string[]; readonly parent?: string },
): Promise<void> =>
  withController(options, async (controller) => {
    const before = controller.groups().find((group) => group.name === name)
    const given = Object.fromEntries((options.value ?? []).map(pairOf))
    const values = valuesSchema.safeParse({ ...before?.values, ...given })
    if (!values.success) throw new IotmcError('USAGE', { subject: name, detail: 'a value is too long' })
    const parent = options.parent ?? before?.parent
    controller.saveGroup({ name, values: values.data, ...(parent ? { parent } : {}) })
    printGroups(controller, options)
  })

const pairOf = (text: string): [string, string] => {
  const at = text.indexOf('=')
  if (at < 1) throw new IotmcError('USAGE', { subject: text, detail: '--value has the form Name=value' })
  return [text.slice(0, at), text.slice(at + 1)]
}

/** Errors: GROUP_INVALID while it has members or groups in it, GROUP_UNKNOWN. */
export const groupRemove = (name: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    controller.life().groups.remove(name)
    printGroups(controller, options)
  })

/** Name, place and note of a device; an empty text takes one away. */
export const deviceDescribe = (
  options: SiteOptions & {
    readonly udn: string
    readonly name?: string
    readonly place?: string
    readonly note?: string
  },
): Promise<void> =>
  withController(options, async (controller) => {
    const { udn, name, place, note } = options
    controller.life().describe(udn, {
      ...(name === undefined ? {} : { name }),
      ...(place === undefined ? {} : { place }),
      ...(note === undefined ? {} : { note }),
    })
  })

/** Blinks, then reads the label that is scanned; says whose it is. Errors: LABEL_UNREADABLE, those of the device. */
export const deviceLabel = (
  options: Waiting & { readonly udn: string; readonly text: string },
): Promise<void> =>
  withController(options, async (controller) => {
    const finding = controller.life().labels.scan(options.udn, options.text)
    if (options.json) printJson(finding)
    else printLine(`${finding.state}  blinks ${finding.udn}  label ${finding.labelSerialNumber}`)
  })
