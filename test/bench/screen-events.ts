/**
 * Health of 500 commissioned devices in the whole program: from an event on the wire (mutual TLS) through subscription,
 * judgement, storage and the window's bridge to the drawn chart; and how many a second reach the window. Beside the limits
 * of this machine and of the program's own pace: a frame of the screen, and the interval in which changes are gathered.
 */
import { join } from 'node:path'
import type { DeviceHealth } from '../../electron/contract/health'
import { IPC_LIMITS } from '../../electron/contract/timings'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { type LaunchedApp, launchApp } from '../e2e/harness'
import { ENGLISH } from '../e2e/window'
import { makeTempDir } from '../helpers/temp-dir'
import { makeIdentities } from './enrollments'
import { type BenchSite, listed, openBenchSite, until } from './support/commissioned-site'
import { BENCH_PASSPHRASE } from './support/data-folder'
import type { Print } from './support/print'

const DEVICES = 500
const WITHIN_MS = 180_000
const MEASURE_MS = 10_000
const SETTLE_MS = 3_000
/** Reports a second of each device, one rate after the other. */
const RATES = [1, 2, 4, 8] as const

interface Seen {
  /** Distinct reports that the page was told of. */
  readonly reports: number
  /** ms from the making of a report, of all in the page and of the watched device's in the chart; frame gaps in ms. */
  readonly told: readonly number[]
  readonly drawn: readonly number[]
  readonly gaps: readonly number[]
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const at = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return Number(
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1),
  )
}

/** Looks from within the page: what its bridge tells it, and when the chart's own canvas is drawn anew. */
const look = ({ page }: LaunchedApp, udn: string): Promise<Seen> =>
  page.evaluate(
    ([watched, forMs]) =>
      new Promise<Seen>((done) => {
        const canvas = document.querySelector('[data-testid="health-chart"] canvas')
        const drawing = CanvasRenderingContext2D.prototype
        const clear = drawing.clearRect
        const [told, drawn, gaps]: [number[], number[], number[]] = [[], [], []]
        const last = new Map<string, number>()
        const nowMs = () => performance.timeOrigin + performance.now()
        let reports = 0
        let undrawn: number | undefined
        let ended = false
        drawing.clearRect = function (...box) {
          if (this.canvas === canvas && undrawn !== undefined) {
            const sentMs = undrawn
            undrawn = undefined
            requestAnimationFrame(() => drawn.push(nowMs() - sentMs))
          }
          clear.apply(this, box)
        }
        const off = window.iotmc.on('health.changed', (text) => {
          for (const { udn: of, values } of JSON.parse(text) as DeviceHealth[]) {
            const sentMs = (values.uptime ?? 0) * 1000
            if (last.get(of) === sentMs) continue
            last.set(of, sentMs)
            reports += 1
            told.push(nowMs() - sentMs)
            if (of === watched) undrawn ??= sentMs
          }
        })
        let before = performance.now()
        const frame = (now: number): void => {
          gaps.push(now - before)
          before = now
          if (!ended) requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
        setTimeout(() => {
          ended = true
          off()
          drawing.clearRect = clear
          done({ reports, told, drawn, gaps })
        }, forMs)
      }),
    [udn, MEASURE_MS] as const,
  )

/** Opens the chart of one device. */
const openChart = async ({ page }: LaunchedApp, udn: string, serialNumber: string): Promise<void> => {
  await page.getByTestId('nav-diagnostics').click()
  await page.getByTestId('health-search').fill(serialNumber)
  await page.getByTestId(`health-row-${udn}`).click()
  await page.locator('[data-testid="health-chart"] canvas').waitFor()
  await page.getByTestId('health-search').fill('')
}

const heardOf = async (app: LaunchedApp): Promise<number> =>
  (await app.value('health.open')).filter(({ feed, values }) => feed === 'events' && values.uptime).length

/** Brings all into operation by the controller of this process, and leaves the site to the program. */
const commission = async (site: BenchSite, udns: readonly string[]): Promise<void> => {
  const { controller } = site
  await listed(site, udns.length)
  controller.commission(udns, 'Default', 'given')
  await until(() => controller.devices().filter(({ phase }) => phase === 'operation').length >= udns.length)
  await controller.close()
}

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const factory = await openPracticeFactory(join(temp.path, 'factory'))
  const identities = await makeIdentities(factory, DEVICES, 'PX-200')
  const site = await openBenchSite(temp.path, factory.certificatePem, identities, { health: true })
  const [first] = identities
  try {
    if (!first) throw new Error('no device')
    await commission(
      site,
      identities.map(({ udn }) => udn),
    )
    const app = await launchApp({ dataDir: site.dataDir, passphrase: BENCH_PASSPHRASE, env: ENGLISH })
    const beganMs = performance.now()
    while ((await heardOf(app)) < DEVICES && performance.now() - beganMs < WITHIN_MS) await wait(200)
    print('screen-events-heard', await heardOf(app), 'devices')
    print('screen-events-heard-after', Math.round(performance.now() - beganMs), 'ms')
    await openChart(app, first.udn, first.serialNumber)
    for (const rate of RATES) {
      site.tell(String(rate))
      await wait(SETTLE_MS)
      const seen = await look(app, first.udn)
      const name = `screen-events-${DEVICES * rate}-a-second`
      print(`${name}-shown`, Math.round((seen.reports * 1000) / MEASURE_MS), '/s')
      for (const [what, values] of [
        ['wire-to-window', seen.told],
        ['wire-to-chart', seen.drawn],
        ['frames', seen.gaps],
      ] as const) {
        print(`${name}-${what}-p50`, at(values, 0.5), 'ms')
        print(`${name}-${what}-p99`, at(values, 0.99), 'ms')
      }
    }
    print('screen-events-gathered-for', IPC_LIMITS.deltaIntervalMs, 'ms')
    await app.close()
  } finally {
    await site.end()
    temp.remove()
  }
}
