/** `trust`, `jobs`, `serial`: what is on record on this laptop. */
import { readFileSync } from 'node:fs'
import { IotmcError } from '../contract/errors'
import { isEnded, type Job } from '../contract/job'
import { listSerialPorts } from '../serial/ports'
import { finishOpen } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'

/** Adds the factory roots and revocation lists of a PEM file. */
export const trustAdd = (file: string, options: SiteOptions): Promise<void> => {
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: file, detail: 'cannot be read', cause })
  }
  return withController(options, async (controller) => {
    controller.trustAdd(pem)
    printRoots(controller.trustList(), options)
  })
}

export const trustList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => printRoots(controller.trustList(), options))

export const trustRemove = (fingerprint: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => printRoots(controller.trustRemove(fingerprint), options))

interface ShownRoot {
  readonly fingerprint: string
  readonly name: string
  readonly notAfter: string
  readonly practice: boolean
}

const printRoots = (roots: readonly ShownRoot[], options: SiteOptions): void => {
  for (const root of roots) {
    if (options.json) printJson(root)
    else
      printLine(
        `${root.fingerprint}  ${root.name}  until ${root.notAfter}${root.practice ? '  practice' : ''}`,
      )
  }
}

export const jobsList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    for (const job of controller.jobs()) {
      if (options.json) printJson(job)
      else printLine(jobLine(job))
    }
  })

const jobLine = (job: Job): string => {
  const done = job.steps.filter((step) => step.state === 'done' || step.state === 'skipped').length
  const error = job.error ? `  ${job.error.code}` : ''
  return `${job.id}  ${job.kind}  ${job.subject}  ${job.state}  ${done}/${job.steps.length}${error}`
}

/**
 * Goes on with the named jobs, or with all that have not ended, and waits for them while any goes on. For those that only
 * wait after `seconds` without a change it says why: DEVICE_OFFLINE, PENDING, or INTERRUPTED with the step that waits.
 */
export const jobsResume = (
  ids: readonly string[],
  options: SiteOptions & { readonly seconds: number },
): Promise<void> =>
  withController(options, async (controller) => {
    const open = controller
      .jobs()
      .filter((job) => (ids.length > 0 ? ids.includes(job.id) : !isEnded(job.state)))
    for (const id of ids) {
      if (!open.some((job) => job.id === id)) throw new IotmcError('JOB_UNKNOWN', { subject: id })
    }
    const json = options.json ?? false
    const wanted = open.map((job) => job.id)
    controller.retryJobs(wanted)
    const told = (job: Job) => (job.state === 'needs-you' ? ('enough' as const) : ('go-on' as const))
    const jobs = wanted.length > 0 ? await untilEnded(controller, wanted, told, options.seconds * 1000) : []
    for (const job of jobs) {
      if (json) printJson(job)
      else printLine(jobLine(job))
    }
    finishOpen(controller, jobs, json)
  })

export const jobsCancel = (ids: readonly string[], options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const known = new Set(controller.jobs().map((job) => job.id))
    for (const id of ids) if (!known.has(id)) throw new IotmcError('JOB_UNKNOWN', { subject: id })
    controller.cancelJobs(ids)
  })

/** Serial ports of this laptop, for the bench cable. */
export const serialPorts = async (options: { readonly json?: boolean }): Promise<void> => {
  const { ports, problem } = await listSerialPorts()
  for (const port of ports) {
    if (options.json) printJson(port)
    else printLine(Object.values(port).filter(Boolean).join('  '))
  }
  if (problem) process.stderr.write(`${problem}\n`)
}
