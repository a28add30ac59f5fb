/** What several tests do in the window and ask of the program behind it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import type { Device, DeviceDelta } from '../../electron/contract/device'
import type { Job } from '../../electron/contract/job'
import type { LaunchedApp } from './harness'

export const PRACTICE_DEVICES = ['AU7-00093', 'GC10-00436', 'PX200-01180'] as const

/** English whatever the machine speaks, and no size of the window that another run left. */
export const ENGLISH = { LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8', LANGUAGE: 'en' }

/** A fresh snapshot of the device list, as the program has it. */
export const devicesOf = (app: LaunchedApp): Promise<Device[]> =>
  app.page.evaluate(
    () =>
      new Promise<Device[]>((done) => {
        const seen: Device[] = []
        let began = false
        const stop = window.iotmc.on('devices.delta', (json) => {
          const delta = JSON.parse(json) as DeviceDelta
          began ||= delta.reset
          if (!began) return
          seen.push(...delta.put)
          if (!delta.last) return
          stop()
          done(seen)
        })
        void window.iotmc.call('devices.open')
      }),
  )

export const jobsOf = (app: LaunchedApp): Promise<Job[]> => app.value('jobs.open')

/** The drawn rows of the device table, by what they say. */
export const rows = (page: Page, text?: string): Locator => {
  const all = page.locator('[data-testid^="device-row-"]')
  return text === undefined ? all : all.filter({ hasText: text })
}

/** Waits until the practice devices are listed with who they are, and can be commissioned. */
export const waitForPracticeDevices = async (app: LaunchedApp): Promise<Device[]> => {
  const ready = async () =>
    (await devicesOf(app))
      .filter((one) => one.online && one.phase === 'commissioning' && one.addresses.length > 0)
      .map((one) => one.serialNumber)
      .sort()
  await expect.poll(ready, { timeout: 60_000 }).toEqual([...PRACTICE_DEVICES])
  await expect(rows(app.page)).toHaveCount(PRACTICE_DEVICES.length)
  return devicesOf(app)
}

/** What a practice device itself has on its disk. */
export const practiceDeviceState = (app: LaunchedApp, serial: string): Record<string, unknown> => {
  const file = join(app.dataDir, 'practice', 'devices', serial, 'state.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {}
}

/** Asks each practice device over TLS, and its own record, whether it is in operation for this site. */
export const expectInOperation = async (app: LaunchedApp): Promise<void> => {
  const listed = async () =>
    (await devicesOf(app)).map(({ serialNumber, phase, state, group }) => ({
      serialNumber,
      phase,
      state,
      group,
    }))
  await expect
    .poll(async () =>
      (await listed()).sort((a, b) => String(a.serialNumber).localeCompare(String(b.serialNumber))),
    )
    .toEqual(
      PRACTICE_DEVICES.map((serialNumber) => ({
        serialNumber,
        phase: 'operation',
        state: 'healthy',
        group: 'Default',
      })),
    )
  for (const { udn, serialNumber, ldevidNotAfter } of await devicesOf(app)) {
    const check = await app.value('devices.verify', { udn })
    expect(check).toMatchObject({ trusted: true, kind: 'LDevID', udn })
    expect(check.chain.at(-1)).toMatchObject({ udn, deviceSerial: serialNumber })
    expect(Date.parse(String(ldevidNotAfter))).toBe(Date.parse(String(check.chain.at(-1)?.notAfter)))
    const configuration = await app.value('configuration.read', { udn })
    expect(Object.keys(configuration.values).length).toBeGreaterThan(0)
    expect(practiceDeviceState(app, String(serialNumber))).toMatchObject({
      udn,
      phase: 'operation',
      group: 'Default',
    })
  }
  const jobs = await jobsOf(app)
  expect(jobs.map((job) => job.state)).toEqual(PRACTICE_DEVICES.map(() => 'done'))
  expect(
    jobs.flatMap((job) => job.steps).filter((step) => !['done', 'skipped'].includes(step.state)),
  ).toEqual([])
}

/** The three sentences of a box: what happened, how it is now, what to do next. */
export const expectThreeSentences = async (box: Locator, next = 'Next:'): Promise<void> => {
  await expect(box).toBeVisible()
  const text = (await box.locator('p').first().innerText()).trim()
  const [said = '', todo = ''] = text.split(next)
  expect(text).toContain(next)
  // What and state are sentences of their own, in words and not as a code.
  expect(said.match(/[.!?](\s|$)/g)?.length ?? 0, said).toBeGreaterThanOrEqual(2)
  expect(todo.trim().length, text).toBeGreaterThan(10)
  expect(text).not.toMatch(/\b[A-Z]+_[A-Z_]+\b|undefined|\{\{/)
}
