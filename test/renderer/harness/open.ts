import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { playAccess } from './mock-access'
import { installBridge } from './mock-bridge'
import { playConfiguration } from './mock-configuration'
import { playDiagnostics } from './mock-diagnostics'
import { playEnd } from './mock-end'
import { playFactory } from './mock-factory'
import { playFirmware } from './mock-firmware'
import { playReports } from './mock-reports'
import { playSite } from './mock-site'
import { playStation } from './mock-station'
import { type Sample, sample } from './sample'
import { sampleParameters } from './sample-configuration'
import { PINS } from './sample-station'

/** Opens the window on a sample; anything on the console that should not be there fails the test later. */
export const openWindow = async (page: Page, change: Partial<Sample> = {}): Promise<string[]> => {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.addInitScript(playStation, PINS)
  await page.addInitScript(playFactory)
  await page.addInitScript(playFirmware)
  await page.addInitScript(playReports)
  await page.addInitScript(playConfiguration, sampleParameters())
  await page.addInitScript(playAccess)
  await page.addInitScript(playDiagnostics)
  await page.addInitScript(playEnd)
  await page.addInitScript(playSite)
  await page.addInitScript(installBridge, sample(change))
  await page.goto('/')
  await page.evaluate(() => document.fonts.ready)
  return complaints
}

/** No serious violation of WCAG in what is shown now. */
export const expectAccessible = async (page: Page, what: string): Promise<void> => {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
    .analyze()
  const bad = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
  expect(
    bad.map(
      (one) =>
        `${what}: ${one.id} ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`,
    ),
  ).toEqual([])
}
