import { describe, expect, it } from 'vitest'
import { Controllers } from '../../electron/device/controllers'

const at = (udn: string, port = 1, bootId = 1) => ({
  udn,
  secureLocation: `https://127.0.0.1:${port}/`,
  bootId,
})

describe('controllers heard by a device', () => {
  it('are news when new, moved or started again', () => {
    const controllers = new Controllers(() => 0)
    expect(controllers.heard(at('a'))).toBe(true)
    expect(controllers.heard(at('a'))).toBe(false)
    expect(controllers.heard(at('a', 2))).toBe(true)
    expect(controllers.heard(at('a', 2, 2))).toBe(true)
  })

  it('are asked in the order of how well they work', () => {
    let nowMs = 0
    const controllers = new Controllers(() => nowMs)
    controllers.heard(at('a'))
    nowMs = 1
    controllers.heard(at('b'))
    expect(controllers.best()?.udn).toBe('b')
    controllers.failed('b')
    expect(controllers.best()?.udn).toBe('a')
    controllers.failed('a')
    controllers.failed('a')
    expect(controllers.best()?.udn).toBe('b')
    controllers.gone('b')
    expect(controllers.best()?.udn).toBe('a')
  })

  it('of another site are left alone for a minute, but not when they come back changed', () => {
    let nowMs = 0
    const controllers = new Controllers(() => nowMs)
    controllers.heard(at('a'))
    controllers.stranger('a')
    expect(controllers.best()).toBeUndefined()
    controllers.heard(at('a'))
    expect(controllers.best()).toBeUndefined()
    nowMs = 60_000
    expect(controllers.best()?.udn).toBe('a')
    controllers.stranger('a')
    controllers.heard(at('a', 1, 2))
    expect(controllers.best()?.udn).toBe('a')
  })

  it('are kept up to a number', () => {
    let nowMs = 0
    const controllers = new Controllers(() => nowMs)
    for (nowMs = 0; nowMs < 200; nowMs += 1) controllers.heard(at(`c${nowMs}`))
    for (let i = 0; i < 136; i += 1) expect(controllers.heard(at(`c${i}`))).toBe(true)
    expect(controllers.best()).toBeDefined()
  })
})
