/** The packaged program is whole: it starts, its page loads, and its practice devices run from inside the archive. */
import { expect, test } from '@playwright/test'
import { launchApp } from './harness'

test('the packaged program opens the practice site with three devices', async () => {
  const app = await launchApp({ practice: true })
  expect(await app.electron.evaluate(({ app: self }) => self.isPackaged)).toBe(true)
  await expect.poll(async () => (await app.value('app.status')).practice, { timeout: 60_000 }).toBe(true)
  const pending = async () => (await app.value('enrollment.list')).length
  await expect.poll(pending, { timeout: 60_000 }).toBe(3)
  await app.close()
})
