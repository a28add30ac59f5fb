/** The window by keyboard alone: what has the focus, whether that can be seen, and the way to it by Tab. */
import { expect } from '@playwright/test'
import type { LaunchedApp } from './harness'

const TABS_MAX = 80

export class Keyboard {
  constructor(private readonly app: LaunchedApp) {}

  press(key: string): Promise<void> {
    return this.app.page.keyboard.press(key)
  }

  /** Test id of what has the focus. */
  readonly focused = (): Promise<string | undefined> =>
    this.app.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.testid)

  /** Tabs on until the element has the focus, and expects that it can be seen that it has. */
  async tabTo(testid: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const passed: (string | undefined)[] = []
    for (let press = 0; press < TABS_MAX; press += 1) {
      if ((await this.focused()) === testid) return this.expectFocusSeen()
      await this.press(key)
      passed.push(await this.focused())
    }
    throw new Error(`${testid} is not reached by ${key}; passed: ${passed.join(', ')}`)
  }

  /** Continue may be greyed while something is awaited; it is pressed once it can be. */
  async pressWhenReady(testid: string): Promise<void> {
    await this.tabTo(testid)
    const button = this.app.page.getByTestId(testid)
    await expect(button).not.toHaveAttribute('aria-disabled', 'true', { timeout: 60_000 })
    await this.press('Enter')
  }

  private async expectFocusSeen(): Promise<void> {
    const seen = await this.app.page.evaluate(() => {
      const own = document.activeElement as HTMLElement
      return [own, own.closest('label')].some((element) => {
        if (!element) return false
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
        return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
      })
    })
    expect(seen, `focus of ${await this.focused()} is visible`).toBe(true)
  }
}
