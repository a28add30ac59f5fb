/** What the tests of firmware do beside the window: bundle files, the file dialog, and what the board has shown so far. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { BankStatus, FirmwareBundle } from '../../electron/contract/firmware'
import { dataPaths } from '../../electron/store/paths'
import type { LaunchedApp } from './harness'

export const PRACTICE_MODEL = 'PX-200'
export const HEALTHY = '1.5.0'
export const FAULTY = '1.6.0'

/** The bundles that the practice site makes for itself, by version, once both are in its library. */
export const practiceBundles = async (app: LaunchedApp): Promise<Record<string, FirmwareBundle>> => {
  const versions = async () =>
    (await app.value('firmware.library')).bundles.map(({ manifest }) => manifest.version).sort()
  await expect.poll(versions, { timeout: 60_000 }).toEqual([HEALTHY, FAULTY])
  const { bundles } = await app.value('firmware.library')
  return Object.fromEntries(bundles.map((bundle) => [bundle.manifest.version, bundle]))
}

/** As the test ids name a bundle. */
export const shortId = (bundle: FirmwareBundle | undefined): string => String(bundle?.id.slice(0, 8))

/** A copy of a practice bundle with one text in it replaced by another of the same length; gives its path. */
export const tamper = (app: LaunchedApp, version: string, from: string, to: string): string => {
  const { firmwareFolder } = dataPaths(join(app.dataDir, 'practice'))
  const name = `${PRACTICE_MODEL}-${version}.iotfw`
  const bytes = readFileSync(join(`${firmwareFolder}-samples`, name))
  const at = bytes.indexOf(from)
  expect(at, `${from} in ${name}`).toBeGreaterThan(0)
  expect(to.length).toBe(from.length)
  bytes.write(to, at, 'latin1')
  const folder = join(app.dataDir, 'tampered')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** The next file dialog answers with this path, as if a person had chosen it. */
export const nextChosenFile = (app: LaunchedApp, path: string): Promise<void> =>
  app.electron.evaluate(({ dialog }, chosen) => {
    const { showOpenDialog } = dialog
    dialog.showOpenDialog = async () => {
      dialog.showOpenDialog = showOpenDialog
      return { canceled: false, filePaths: [chosen] }
    }
  }, path)

interface Shown {
  readonly state: string
  readonly atMs: number
}

declare global {
  interface Window {
    shownStates?: Record<string, Shown[]>
  }
}

/** From now on, keeps which states the elements whose test id starts with one of these have shown, also in passing. */
export const watchStates = (app: LaunchedApp, prefixes: readonly string[]): Promise<void> =>
  app.page.evaluate((wanted) => {
    const shown: Record<string, { state: string; atMs: number }[]> = {}
    window.shownStates = shown
    const look = () => {
      for (const element of document.querySelectorAll<HTMLElement>('[data-testid][data-state]')) {
        const { testid = '', state = '' } = element.dataset
        if (!wanted.some((prefix) => testid.startsWith(prefix))) continue
        shown[testid] ??= []
        if (shown[testid].at(-1)?.state !== state) shown[testid].push({ state, atMs: Date.now() })
      }
    }
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ['data-state'],
    })
  }, prefixes)

/** What an element has shown since `watchStates`, in this order, each with the moment at which it came. */
export const shownStates = async (app: LaunchedApp, testid: string): Promise<readonly Shown[]> =>
  (await app.page.evaluate((name) => window.shownStates?.[name], testid)) ?? []

/** What the device itself says of the bank that it runs. */
export const runningBank = (status: BankStatus): BankStatus['banks'][number] | undefined =>
  status.banks.find(({ slot }) => slot === status.activeBank)
