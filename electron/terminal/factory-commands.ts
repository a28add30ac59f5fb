/** `factory …`: identity into devices, the ledger, serial numbers and people, from a terminal. */
import { userInfo } from 'node:os'
import { IotmcError } from '../contract/errors'
import { newRangeSchema, personSchema, pinSchema, type Unit } from '../contract/factory'
import type { Job } from '../contract/job'
import { finish } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'
import { writeOut } from './write-out'

export interface InjectOptions extends SiteOptions {
  readonly port: string
  readonly serial?: string
  readonly model?: string
  readonly label?: string
}

const operator = (): string => userInfo().username.slice(0, 40) || 'terminal'

/** Injects one device and waits for its end. `--label FILE` writes its label as PDF while the setup code is at hand. */
export const factoryInject = (options: InjectOptions): Promise<void> =>
  withController(options, async (controller) => {
    const floor = controller.factory()
    const started = await floor.injectOne({
      path: options.port,
      operator: operator(),
      ...(options.serial === undefined ? {} : { serialNumber: options.serial }),
      ...(options.model === undefined ? {} : { model: options.model }),
    })
    const said = new Set<string>()
    const ended = await untilEnded(controller, [started.jobId], (job) => {
      if (!options.json) reportSteps(job, said)
      return 'go-on'
    })
    const unit = floor.unit(ended[0]?.subject ?? '')
    if (unit && ended[0]?.state === 'done') {
      if (options.label) writeOut(options.label, await floor.pdf(started.label()))
      if (options.json) printJson({ result: 'PASS', ...unit })
      else printLine(`PASS ${unitLine(unit)}`)
    }
    finish(ended, options.json ?? false)
  })

const reportSteps = (job: Job, said: Set<string>): void => {
  for (const step of job.steps) {
    const line = `${step.name} ${step.state}`
    if (step.state === 'pending' || said.has(line)) continue
    said.add(line)
    printLine(`  ${step.name.padEnd(14)} ${step.state}${step.note ? `  ${step.note}` : ''}`)
  }
}

const unitLine = (unit: Unit): string =>
  [
    unit.serialNumber,
    unit.udn,
    unit.model,
    unit.state,
    unit.keyStorage === 'flash' ? 'SOFTWARE KEY' : unit.keyStorage,
    unit.certificateSerial ?? '',
    unit.lastErrorCode ?? '',
  ]
    .join('  ')
    .trimEnd()

/** Exit code 96 and the first broken entry where the ledger is not as it was written. */
export const ledgerVerify = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const check = await controller.factory().verifyLedger()
    if (options.json) printJson(check)
    else
      printLine(
        `${check.ok ? 'ok' : 'BROKEN'}  ${check.entries} entries  ${check.units} serial numbers  ` +
          `${check.checkpoints} signed checkpoints  ${check.unsigned} entries since the last`,
      )
    if (!check.ok) throw new IotmcError('LEDGER_INVALID', { subject: check.problem ?? 'ledger' })
  })

export interface ExportOptions extends SiteOptions {
  readonly format: 'csv' | 'jsonl'
  readonly out?: string
}

/** To a file or to stdout; public data only. */
export const ledgerExport = (options: ExportOptions): Promise<void> =>
  withController(options, async (controller) => {
    const lines = controller.factory().exportLedger(options.format)
    if (options.out) writeOut(options.out, lines)
    else for (const line of lines) process.stdout.write(line)
  })

export const ledgerList = (options: SiteOptions & { readonly search: string }): Promise<void> =>
  withController(options, async (controller) => {
    for (const unit of controller.factory().units({ search: options.search, limit: 500 }))
      if (options.json) printJson(unit)
      else printLine(unitLine(unit))
  })

export const ledgerSummary = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => printSummary(controller.factory().summary(), options))

const printSummary = (summary: object, options: SiteOptions): void => {
  if (options.json) {
    printJson(summary)
    return
  }
  for (const [name, value] of Object.entries(summary))
    printLine(`${name.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
}

export interface RangeOptions extends SiteOptions {
  readonly model: string
  readonly prefix: string
  readonly digits: string
  readonly first: string
  readonly last: string
}

/** Releases serial numbers for a model. */
export const rangeAdd = (options: RangeOptions): Promise<void> =>
  withController(options, async (controller) => {
    const { model, prefix, digits, first, last } = options
    const parsed = newRangeSchema.safeParse({
      model,
      prefix,
      digits: Number(digits),
      first: Number(first),
      last: Number(last),
    })
    if (!parsed.success)
      throw new IotmcError('USAGE', { detail: parsed.error.issues[0]?.message ?? 'not a range' })
    printSummary(controller.factory().addRange(parsed.data), options)
  })

export interface EndOptions extends SiteOptions {
  readonly reason: string
}

/** Withdraws a serial number whose device is not complete. */
export const burn = (serialNumber: string, options: EndOptions): Promise<void> =>
  withController(options, async (controller) =>
    printSummary(controller.factory().burn(serialNumber, options.reason), options),
  )

/** Records that a complete device was destroyed. */
export const scrap = (serialNumber: string, options: EndOptions): Promise<void> =>
  withController(options, async (controller) =>
    printSummary(controller.factory().scrap(serialNumber, options.reason), options),
  )

/** The PIN comes from IOTMC_PIN, so that it is in no process list. */
export const personAdd = (name: string, options: SiteOptions & { readonly role: string }): Promise<void> => {
  // With an account, IOTMC_PIN is its own.
  const from = options.account === undefined ? 'IOTMC_PIN' : 'IOTMC_NEW_PIN'
  const pin = process.env[from]
  delete process.env[from]
  return withController(options, async (controller) => {
    const parsed = personSchema.extend({ pin: pinSchema }).safeParse({ name, role: options.role, pin })
    if (!parsed.success)
      throw new IotmcError('USAGE', { detail: `set ${from} to 4–12 digits; a name has 1–40 characters` })
    await controller.factory().addPerson(parsed.data)
  })
}

export const personRemove = (name: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    controller.factory().removePerson(name)
  })
