import { expect, test } from 'vitest'
import { findViolations } from '../../build/source-rules.mjs'
import { displayHint, sandboxFlags } from '../../build/start.mjs'

test.each([
  ['electron/jobs/runner.ts', 'ipcMain.handle()', 1],
  ['electron/ipc/connect.ts', 'ipcMain.handle()', 0],
  ['electron/preload.ts', 'ipcRenderer.invoke()', 0],
  ['renderer/screens/List.tsx', 'window.iotmc.call()', 1],
  ['renderer/screens/List.tsx', "window['iotmc']", 1],
  ['renderer/bridge.ts', 'window.iotmc', 0],
  ['renderer/long.ts', '\n'.repeat(401), 1],
])('%s with %j breaks %i rules', (path, text, count) => {
  expect(findViolations(path, text)).toHaveLength(count)
})

test('the sandbox is given up only for root and only when asked', () => {
  expect(sandboxFlags({ platform: 'linux', uid: 1000, env: { IOTMC_ALLOW_NO_SANDBOX: '1' } }).flags).toEqual(
    [],
  )
  expect(sandboxFlags({ platform: 'win32', uid: undefined, env: {} }).refusal).toBeUndefined()
  expect(sandboxFlags({ platform: 'linux', uid: 0, env: {} }).refusal).toContain('IOTMC_ALLOW_NO_SANDBOX')
  expect(sandboxFlags({ platform: 'linux', uid: 0, env: { IOTMC_ALLOW_NO_SANDBOX: '1' } }).flags).toEqual([
    '--no-sandbox',
  ])
})

test('a missing display is named only on Linux', () => {
  expect(displayHint({ platform: 'linux', env: {} })).toContain('xvfb-run')
  expect(displayHint({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBeUndefined()
  expect(displayHint({ platform: 'darwin', env: {} })).toBeUndefined()
})
