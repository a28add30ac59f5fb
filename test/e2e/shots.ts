/** Pictures of the window in light and dark, at the size of the smallest laptop, into screenshots/. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, type Page } from '@playwright/test'
import type { LaunchedApp } from './harness'

const OUT = resolve(import.meta.dirname, '../../screenshots')
const SIZE = { width: 1366, height: 768 }
const THEMES = ['light', 'dark'] as const

/** The content of the window at exactly the size of the smallest laptop. */
export const resize = async (app: LaunchedApp): Promise<void> => {
  await app.electron.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height)
  }, SIZE)
  await expectSize(app)
}

const expectSize = ({ page }: LaunchedApp) =>
  expect
    .poll(() => page.evaluate(() => [window.innerWidth, window.innerHeight]))
    .toEqual([SIZE.width, SIZE.height])

/** Waits for the faces, and for two drawn frames, so that no picture is of a window half made. */
const settle = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await document.fonts.ready
    await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined)))
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })

/** Light or dark as the system says: a locked station answers nobody who asks the program for it. */
const setTheme = async ({ page }: LaunchedApp, colorScheme: (typeof THEMES)[number]): Promise<void> => {
  await page.emulateMedia({ colorScheme })
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(colorScheme)
}

/** Ready for a picture in this theme, with the pointer where nothing answers to it. */
export const still = async (app: LaunchedApp, theme: (typeof THEMES)[number]): Promise<void> => {
  await app.page.mouse.move(0, 0)
  await setTheme(app, theme)
  await settle(app.page)
}

/** One picture in each theme, with the pointer where nothing answers to it; nothing may be wider than the window. */
export const shoot = async (app: LaunchedApp, name: string): Promise<void> => {
  const { page } = app
  mkdirSync(OUT, { recursive: true })
  for (const theme of THEMES) {
    await still(app, theme)
    await page.screenshot({ path: join(OUT, `${name}-${theme}.png`), animations: 'disabled' })
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(SIZE.width)
}
