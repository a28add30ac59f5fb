/** What axe says about the screen that is shown, in light and in dark. */
import { AxeBuilder } from '@axe-core/playwright'
import { expect } from '@playwright/test'
import type { LaunchedApp } from './harness'

const settle = ({ page }: LaunchedApp): Promise<void> =>
  page.evaluate(async () => {
    await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined)))
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })

/** No serious or critical finding, softly; the screen stays as it is. */
export const examine = async (app: LaunchedApp, screen: string): Promise<void> => {
  for (const theme of ['light', 'dark'] as const) {
    await app.value('settings.set', { theme })
    await expect.poll(() => app.page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme)
    await settle(app)
    // Legacy: axe's own way opens a page of its own, which this window refuses.
    const { violations } = await new AxeBuilder({ page: app.page }).setLegacyMode(true).analyze()
    const found = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? node.failureSummary})`).join(' | ')}`,
      )
    expect.soft(found, `${screen}, ${theme}`).toEqual([])
  }
}
