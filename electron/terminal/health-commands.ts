/** `health watch` and `test run`: how devices are, and the guided health check. */
import { IotmcError } from '../contract/errors'
import { type DeviceHealth, METRIC_UNITS } from '../contract/health'
import { type CheckEntry, checkOptionsSchema, DEFAULT_CHECK, type HealthCheck } from '../contract/self-test'
import type { Controller } from '../controller'
import { finish, untilOnline } from './device-commands'
import { printFailure, printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'

export interface HealthWatchOptions extends SiteOptions {
  readonly udn?: readonly string[]
  /** How long to watch; absent = until SIGTERM or Ctrl+C. */
  readonly seconds?: number
}

/** One line for each report of the devices (default: all of the site). */
export const healthWatch = (options: HealthWatchOptions): Promise<void> =>
  withController(options, async (controller) => {
    const stop = new AbortController()
    const end = (): void => stop.abort()
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
    // Nobody reads any more (`| head`).
    process.stdout.once('error', end)
    const timer = options.seconds === undefined ? undefined : setTimeout(end, options.seconds * 1000)
    const show = (all: readonly DeviceHealth[]): void => {
      for (const health of all) {
        if (options.udn && !options.udn.includes(health.udn)) continue
        if (options.json) printJson(health)
        else printLine(healthLine(health))
      }
    }
    const off = controller.on('health', show)
    show(controller.operation().health.open())
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve()
      else stop.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    off()
    clearTimeout(timer)
  })

const healthLine = ({ udn, level, feed, alarms, values }: DeviceHealth): string => {
  const told = (Object.keys(METRIC_UNITS) as (keyof typeof METRIC_UNITS)[]).flatMap((metric) => {
    const value = values[metric]
    return value === undefined ? [] : [`${metric} ${Number(value.toFixed(1))}${METRIC_UNITS[metric]}`]
  })
  const wrong = alarms.map((alarm) => `${alarm.sign} ${alarm.level}`)
  return [udn, level, feed, ...told, ...wrong].join('  ')
}

export interface TestRunOptions extends SiteOptions {
  readonly udn: readonly string[]
  readonly test?: readonly string[]
  readonly host?: string
  readonly dnsName?: string
  readonly dnsServer?: string
  readonly bytes?: string
  readonly seconds: number
}

/** The guided health check; exit code CHECK_FAILED when a finding is bad. Errors: USAGE for a test that there is not. */
export const testRun = (options: TestRunOptions): Promise<void> => {
  const parsed = checkOptionsSchema.safeParse({
    tests: options.test ?? DEFAULT_CHECK,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.dnsName === undefined ? {} : { dnsName: options.dnsName }),
    ...(options.dnsServer === undefined ? {} : { dnsServer: options.dnsServer }),
    ...(options.bytes === undefined ? {} : { bytes: Number(options.bytes) }),
  })
  if (!parsed.success) {
    const [problem] = parsed.error.issues
    throw new IotmcError('USAGE', { detail: `${problem?.path.join('.')}: ${problem?.message}` })
  }
  return withController(options, async (controller) => {
    await Promise.all(options.udn.map((udn) => untilOnline(controller, udn, options.seconds)))
    const shown = new Set<string>()
    const off = controller.on('check', (check) => showEntries(check, shown, options.json ?? false))
    const ids = controller.operation().checks.start(options.udn, parsed.data)
    const jobs = await untilEnded(controller, ids, () => 'go-on')
    off()
    finish(jobs, options.json ?? false)
    for (const { id, subject } of jobs) conclude(controller, id, subject, options.json ?? false)
  })
}

const showEntries = (check: HealthCheck, shown: Set<string>, json: boolean): void => {
  for (const entry of check.entries) {
    const key = `${check.id} ${entry.test}`
    if ((entry.state !== 'done' && entry.state !== 'cancelled') || shown.has(key)) continue
    shown.add(key)
    if (!json) printLine(`${check.udn}  ${entryLine(entry)}`)
  }
}

const entryLine = ({ test, state, verdict, reason, detail, measures }: CheckEntry): string => {
  const told = measures.map(({ name, value, unit, ok }) => `${name} ${value}${unit}${ok ? '' : ' !'}`)
  return [test, verdict ?? state, reason, detail, ...told].filter(Boolean).join('  ')
}

const conclude = (controller: Controller, id: string, udn: string, json: boolean): void => {
  const check = controller
    .operation()
    .checks.list({ udn, limit: 50 })
    .find((one) => one.id === id)
  if (!check) return
  if (json) printJson(check)
  else
    printLine(
      `${check.udn}  ${check.verdict ?? 'unknown'}  ${check.findings.map((one) => one.finding).join(', ')}`,
    )
  if (check.verdict === 'bad')
    printFailure(
      new IotmcError('CHECK_FAILED', { subject: check.udn, detail: check.findings[0]?.finding ?? '' }),
      false,
    )
}
