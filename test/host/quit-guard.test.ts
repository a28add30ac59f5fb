import { beforeEach, describe, expect, it, vi } from 'vitest'
import { QuitGuard, type RunningJobs } from '../../electron/host/quit-guard'
import { VirtualClock } from '../helpers/virtual-clock'

const job = { id: 'j1', kind: 'commission', subject: 'uuid:1' } as const

describe('closing the program', () => {
  let clock: VirtualClock
  let running: RunningJobs
  let asked: RunningJobs[]
  let reachable: boolean
  let finish: (how?: Error) => void
  const exit = vi.fn()
  const close = vi.fn(
    () => new Promise<void>((resolve, reject) => (finish = (error) => (error ? reject(error) : resolve()))),
  )
  let guard: QuitGuard

  beforeEach(() => {
    vi.clearAllMocks()
    clock = new VirtualClock()
    running = []
    asked = []
    reachable = true
    const ask = (jobs: RunningJobs) => {
      asked.push(jobs)
      return reachable
    }
    guard = new QuitGuard({ clock, running: () => running, ask, close, exit, limitMs: 10_000 })
  })

  it('goes on at once where no job runs, and exits after all is closed', async () => {
    guard.request('ask')
    expect(asked).toEqual([])
    expect(guard.leaving).toBe(true)
    expect(guard.closed).toBe(false)
    expect(exit).not.toHaveBeenCalled()
    finish()
    await Promise.resolve()
    expect(guard.closed).toBe(true)
    expect(exit).toHaveBeenCalledTimes(1)
    expect(clock.pending).toBe(0)
  })

  it('asks with the names of running jobs and waits for the answer', () => {
    running = [job]
    guard.request('ask')
    clock.advance(3600_000)
    expect(asked).toEqual([[job]])
    expect(close).not.toHaveBeenCalled()
    guard.answer(false)
    expect(guard.leaving).toBe(false)
    guard.request('ask')
    guard.answer(true)
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('asks again when the window is closed again', () => {
    running = [job]
    guard.request('ask')
    guard.request('ask')
    expect(asked).toHaveLength(2)
    expect(close).not.toHaveBeenCalled()
  })

  it('closes without asking where the window cannot show the question', () => {
    running = [job]
    reachable = false
    guard.request('ask')
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('closes without asking at the end of the session', () => {
    running = [job]
    guard.request('now')
    expect(asked).toEqual([])
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('ignores an answer that nobody asked for', () => {
    guard.answer(true)
    expect(close).not.toHaveBeenCalled()
  })

  it('closes once, however often it is asked', () => {
    guard.request('ask')
    guard.request('now')
    guard.answer(true)
    expect(close).toHaveBeenCalledTimes(1)
  })

  it('exits after the time limit, once', async () => {
    guard.request('ask')
    clock.advance(9_999)
    expect(exit).not.toHaveBeenCalled()
    clock.advance(1)
    expect(exit).toHaveBeenCalledTimes(1)
    finish()
    await Promise.resolve()
    expect(exit).toHaveBeenCalledTimes(1)
  })

  it('exits although closing fails', async () => {
    guard.request('ask')
    finish(new Error('x'))
    await Promise.resolve()
    expect(exit).toHaveBeenCalledTimes(1)
  })
})
