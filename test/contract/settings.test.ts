import { describe, expect, it } from 'vitest'
import { CALLS } from '../../electron/contract/ipc'
import { DEFAULT_SETTINGS, settingsChangeSchema } from '../../electron/contract/settings'

describe('settings', () => {
  it('a change names only what is to change', () => {
    const { request } = CALLS['settings.set']
    expect(request.parse({})).toEqual({})
    expect(request.parse({ theme: 'dark' })).toEqual({ theme: 'dark' })
  })

  it('a change can name every setting but that the first run is over, within the same bounds', () => {
    const { setupDone, ...changeable } = DEFAULT_SETTINGS
    expect(settingsChangeSchema.parse({ ...changeable, setupDone: !setupDone })).toEqual(changeable)
    expect(settingsChangeSchema.safeParse({ jobConcurrency: 0 }).success).toBe(false)
  })
})
