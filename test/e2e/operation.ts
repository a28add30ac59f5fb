/** What the tests of operation do beside the window: devices in operation, the save dialog, and what a saved file holds. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator } from '@playwright/test'
import type { Device } from '../../electron/contract/device'
import { readLines } from '../../electron/device/log-lines'
import { LOG_FILE } from '../../electron/device/log-ring'
import { unzip } from '../reports/unzip'
import { type LaunchedApp, launchApp } from './harness'
import { resize } from './shots'
import { devicesOf, ENGLISH, waitForPracticeDevices } from './window'

/** What a real device on a loaded machine may take. */
export const WITHIN = { timeout: 60_000 }

/** The practice site in a window of the smallest laptop's size, with its devices waiting to be commissioned. */
export const practiceSite = async (): Promise<{ app: LaunchedApp; devices: readonly Device[] }> => {
  const app = await launchApp({ practice: true, env: ENGLISH })
  await resize(app)
  return { app, devices: await waitForPracticeDevices(app) }
}

/** Takes devices into operation, from the table through the wizard. */
export const commission = async (app: LaunchedApp, udns: readonly string[]): Promise<void> => {
  const at = (testid: string): Locator => app.page.getByTestId(testid)
  await at('nav-devices').click()
  for (const udn of udns) await at(`device-select-${udn}`).click()
  await at('bulk-commission').click()
  await at('commission-next').click()
  for (const udn of udns) await expect(at(`batch-entry-${udn}`)).toContainText('Genuine', WITHIN)
  await at('commission-next').click()
  await at('commission-next').click()
  const approve = udns.length > 1 ? at('approve-all') : at('approve-device')
  if (udns.length > 1) await expect(approve).toContainText(`Approve all ${udns.length}`, WITHIN)
  await expect(approve).not.toHaveAttribute('aria-disabled', 'true', WITHIN)
  await approve.click()
  await expect(at('wizard-done')).toBeVisible(WITHIN)
  await at('wizard-done').click()
  const inOperation = async () =>
    (await devicesOf(app)).filter((one) => udns.includes(one.udn) && one.phase === 'operation').length
  await expect.poll(inOperation, WITHIN).toBe(udns.length)
  await at('bulk-clear').click()
  await at('drawer-close').click()
}

/** The next save dialog answers with a path in the test's own folder, as if a person had chosen it; gives that path. */
export const nextSavedFile = async (app: LaunchedApp, name: string): Promise<string> => {
  const folder = join(app.dataDir, 'saved')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  await app.electron.evaluate(({ dialog }, filePath) => {
    const { showSaveDialog } = dialog
    dialog.showSaveDialog = async () => {
      dialog.showSaveDialog = showSaveDialog
      return { canceled: false, filePath }
    }
  }, path)
  return path
}

/** A saved file of JSON Lines, parsed. */
export const jsonLines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** Every file of a saved ZIP as text, by its name. */
export const textsOf = async (path: string): Promise<ReadonlyMap<string, string>> =>
  new Map([...(await unzip(path))].map(([name, bytes]) => [name, bytes.toString('utf8')]))

/** Sequence number of the oldest record that a practice device itself still has. */
export const deviceLogOldest = (app: LaunchedApp, serial: string): number | undefined =>
  readLines(readFileSync(join(app.dataDir, 'practice', 'devices', serial, LOG_FILE)))?.header.oldest
