import { describe, expect, it } from 'vitest'
import { judgeBoard } from '../../electron/station/board'
import { Duty } from '../../electron/station/duty'
import type { Board, Verdict } from '../../electron/station/lane-machine'
import { shareLink } from '../../electron/station/shared-link'
import { Soon } from '../../electron/station/soon'
import { memoryCable } from '../helpers/memory-link'
import { VirtualClock } from '../helpers/virtual-clock'
import { codeAfter } from './codes'

describe('a device is judged', () => {
  const board: Board = { hardwareId: 'aa', model: 'PX-200', keyStorage: 'secure-element', locked: false }
  const config = { model: 'PX-200', acceptSoftwareKeys: false }
  const begun = { serialNumber: 'PX-0001' }
  const refused = (code: string) => ({ kind: 'refused', error: { code } })
  it.each<[string, Partial<Board>, typeof config, typeof begun | undefined, object]>([
    ['blank', {}, config, undefined, { kind: 'blank' }],
    ['begun', {}, config, begun, { kind: 'unfinished', serialNumber: 'PX-0001' } satisfies Verdict],
    ['begun and locked', { locked: true }, config, begun, { kind: 'unfinished' }],
    ['locked', { locked: true, serialNumber: 'PX-9' }, config, undefined, refused('ALREADY_LOCKED')],
    ['of another model', { model: 'QX' }, config, undefined, refused('WRONG_MODEL')],
    ['with its key in flash', { keyStorage: 'flash' }, config, undefined, refused('SOFTWARE_KEY_REFUSED')],
    [
      'with its key in flash, where that is accepted',
      { keyStorage: 'flash' },
      { ...config, acceptSoftwareKeys: true },
      undefined,
      { kind: 'blank' },
    ],
  ])('%s', (_name, more, rules, unfinished, verdict) => {
    expect(judgeBoard({ ...board, ...more }, rules, unfinished)).toMatchObject(verdict)
  })
})

describe('a port that is shared by sessions in turn', () => {
  it('stays open when one of them ends, and gives it nothing more', async () => {
    const cable = memoryCable()
    const heard: string[] = []
    const first = shareLink(cable.station)
    first.onData((bytes) => heard.push(`first ${bytes}`))
    await first.close()
    const second = shareLink(cable.station)
    second.onData((bytes) => heard.push(`second ${bytes}`))
    await cable.device.write(Buffer.from('x'))
    await Promise.resolve()
    expect(heard).toEqual(['second x'])
    expect((await first.gone).code).toBe('CANCELLED')
    expect(await codeAfter(first.write(Buffer.from('y')))).toBe('CANCELLED')
    await second.write(Buffer.from('z'))
    expect(cable.sent.station).toEqual([Buffer.from('z')])
  })

  it('is gone for all of them when it is gone', async () => {
    const cable = memoryCable()
    const shared = shareLink(cable.station)
    cable.unplug()
    expect((await shared.gone).code).toBe('SERIAL_UNPLUGGED')
    expect(await codeAfter(shared.write(Buffer.from('y')))).toBe('SERIAL_UNPLUGGED')
  })
})

describe('who is signed in', () => {
  const bench = (minutes: number) => {
    const clock = new VirtualClock()
    const out: string[] = []
    const duty = new Duty({ clock, idleMinutes: () => minutes, idle: ({ name }) => out.push(name) })
    duty.signIn({ name: 'Operator 17', role: 'operator' })
    return { clock, duty, out }
  }

  it('is signed out after the time without a touch', () => {
    const { clock, duty, out } = bench(15)
    clock.advance(14 * 60_000)
    duty.touched()
    clock.advance(14 * 60_000)
    expect(duty.signedIn?.name).toBe('Operator 17')
    clock.advance(60_000)
    expect(duty.signedIn).toBeUndefined()
    expect(out).toEqual(['Operator 17'])
    expect(clock.pending).toBe(0)
  })

  it('stays where the station never signs out, and goes by hand without a word', () => {
    const { clock, duty, out } = bench(0)
    clock.advance(1e9)
    expect(duty.signedIn?.name).toBe('Operator 17')
    duty.signOut()
    duty.touched()
    clock.advance(1e9)
    expect(out).toEqual([])
  })
})

describe('many changes', () => {
  it('make few events: the first at once, the next after the interval', () => {
    const clock = new VirtualClock()
    const at: number[] = []
    const startMs = clock.now()
    const soon = new Soon(clock, 100, () => at.push(clock.now() - startMs))
    for (let n = 0; n < 50; n++) {
      soon.ask()
      soon.ask()
      clock.advance(10)
    }
    expect(at).toEqual([0, 100, 200, 300, 400, 500])
    soon.ask()
    soon.cancel()
    clock.advance(1_000)
    expect(at).toHaveLength(6)
  })

  it('are not held up by a clock that was set back', () => {
    const clock = new VirtualClock()
    let events = 0
    const soon = new Soon(clock, 100, () => {
      events += 1
    })
    soon.ask()
    clock.advance(0)
    clock.jump(-1e9)
    soon.ask()
    clock.advance(100)
    expect(events).toBe(2)
  })
})
