/** `commission` and `call`: work on one or more devices with the site's controller. */
import { createInterface } from 'node:readline/promises'
import { exitCode, IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import type { Controller } from '../controller'
import { printFailure, printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'

export interface CommissionOptions extends SiteOptions {
  readonly udn: readonly string[]
  readonly group: string
  readonly policy?: 'zero-touch' | 'manual'
}

/** Commissions and waits; exit code of the first failure. Zero-touch here means: approved by this command. */
export const commission = (options: CommissionOptions): Promise<void> =>
  withController(options, async (controller) => {
    if (!controller.groups().some((group) => group.name === options.group)) {
      controller.saveGroup({ name: options.group, values: {} })
    }
    const policy = options.policy ?? controller.settings().policy.mode
    const ids = controller.commission(options.udn, options.group, policy === 'zero-touch' ? 'given' : 'ask')
    const asking = new Set<string>()
    const ended = await untilEnded(controller, ids, (job) => {
      report(job, options.json ?? false)
      if (job.state !== 'needs-you' || asking.has(job.id)) return 'go-on'
      asking.add(job.id)
      if (!process.stdin.isTTY) return 'enough'
      void ask(controller, job, options.group)
      return 'go-on'
    })
    finish(ended, options.json ?? false)
  })

const ask = async (controller: Controller, job: Job, group: string): Promise<void> => {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question(`Let ${job.subject} into group ${group}? [y/N] `)
  prompt.close()
  if (/^(y|yes|j|ja)$/i.test(answer.trim())) controller.approve([job.subject], group)
  else controller.reject([job.subject])
}

const said = new Map<string, string>()

/** One line for each new state of a job. */
export const report = (job: Job, json: boolean): void => {
  const step = job.steps.findLast((entry) => entry.state !== 'pending')
  const line = `${job.state} ${step?.name ?? ''} ${step?.state ?? ''}`
  if (said.get(job.id) === line) return
  said.set(job.id, line)
  const about = {
    job: job.id,
    udn: job.subject,
    state: job.state,
    step: step?.name,
    stepState: step?.state,
    note: step?.note,
  }
  if (json) printJson(about)
  else
    printLine(
      `${job.subject}  ${[job.state, step?.name, step?.state, step?.note].filter(Boolean).join(' · ')}`,
    )
}

/** Prints what went wrong with each job and sets the exit code. */
export const finish = (jobs: readonly Job[], json: boolean): void => {
  for (const job of jobs) {
    if (job.state === 'failed' && job.error) {
      const { code, detail } = job.error
      printFailure(
        new IotmcError(code, { subject: job.error.subject ?? job.subject, ...(detail ? { detail } : {}) }),
        json,
      )
    } else if (job.state === 'cancelled') process.exitCode = exitCode('CANCELLED')
    else if (job.state === 'needs-you')
      printFailure(new IotmcError('PENDING', { subject: job.subject }), json)
    else if (job.state !== 'done') process.exitCode = exitCode('INTERRUPTED')
  }
}

const isHeld = ({ state }: Job): boolean => state === 'waiting' || state === 'queued'

/** As `finish`; of jobs that are held it says why: DEVICE_OFFLINE, or INTERRUPTED with the step that waits. */
export const finishOpen = (controller: Controller, jobs: readonly Job[], json: boolean): void => {
  const online = new Set(controller.devices().flatMap((device) => (device.online ? [device.udn] : [])))
  for (const job of jobs.filter(isHeld)) printFailure(whyHeld(job, online.has(job.subject)), json)
  finish(
    jobs.filter((job) => !isHeld(job)),
    json,
  )
}

const whyHeld = ({ subject, state, steps }: Job, online: boolean): IotmcError => {
  if (!online && subject.startsWith('uuid:')) return new IotmcError('DEVICE_OFFLINE', { subject })
  const at = steps.find((step) => step.state !== 'done' && step.state !== 'skipped')
  return new IotmcError('INTERRUPTED', { subject, detail: `still ${state}${at ? `: ${at.name}` : ''}` })
}

export interface CallOptions extends SiteOptions {
  readonly udn: string
  readonly action: string
  readonly arg?: readonly string[]
  readonly seconds: number
}

/** Calls one action and prints its answer. Errors: USAGE for a bad --arg, DEVICE_UNKNOWN if it is not heard in time. */
export const call = (options: CallOptions): Promise<void> => {
  const args = Object.fromEntries((options.arg ?? []).map(splitArgument))
  return withController(options, async (controller) => {
    await untilOnline(controller, options.udn, options.seconds)
    const answer = await controller.call(options.udn, options.action, args)
    if (options.json) printJson(answer)
    else for (const [name, value] of Object.entries(answer)) printLine(`${name}=${value}`)
  })
}

const splitArgument = (text: string): [string, string] => {
  const at = text.indexOf('=')
  if (at < 1) throw new IotmcError('USAGE', { subject: text, detail: '--arg has the form name=value' })
  return [text.slice(0, at), text.slice(at + 1)]
}

/** Resolves once a device is heard. Errors: DEVICE_UNKNOWN when it is not in time. */
export const untilOnline = (controller: Controller, udn: string, seconds: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const isOnline = () => controller.devices().some((device) => device.udn === udn && device.online)
    if (isOnline()) return resolve()
    const end = (finish: () => void) => {
      clearTimeout(timer)
      off()
      finish()
    }
    const timer = setTimeout(
      () => end(() => reject(new IotmcError('DEVICE_UNKNOWN', { subject: udn }))),
      seconds * 1000,
    )
    const off = controller.on('devices', () => {
      if (isOnline()) end(resolve)
    })
  })

/** Waits for the named devices (default: all that the site knows) until they are heard or the time is over; never fails. */
export const untilHeard = async (
  controller: Controller,
  udns: readonly string[] | undefined,
  seconds: number,
): Promise<void> => {
  const wanted = udns ?? controller.devices().flatMap(({ managed, udn }) => (managed ? [udn] : []))
  await Promise.allSettled(wanted.map((udn) => untilOnline(controller, udn, seconds)))
}
