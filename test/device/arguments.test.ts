import { describe, expect, it } from 'vitest'
import { helpText, parseArguments } from '../../electron/device/arguments'
import { FAULT_NAMES, FAULTS } from '../../electron/device/faults'

const problem = (...argv: string[]): string => {
  try {
    parseArguments(argv)
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
  return 'accepted'
}

describe('arguments of the device', () => {
  it('are read with their defaults', () => {
    expect(
      parseArguments(['--state', 'd', '--interface', 'lo', '--interface', 'eth0', '--fault', 'slow']),
    ).toEqual({
      state: 'd',
      interfaces: ['lo', 'eth0'],
      making: { phase: 'commissioning', model: 'PX-200', hardwareRevision: 'C2', firmwareVersion: '1.4.0' },
      faults: ['slow'],
    })
    expect(parseArguments(['--help'])).toBe('help')
  })

  it.each([
    [[], '--state'],
    [['--state', 'd', '--phase', 'operation'], '--phase must be'],
    [['--state', 'd', '--model', 'XX'], 'PX-200'],
    [['--state', 'd', '--fault', 'explode'], 'refuse-tls'],
    [['--state', 'd', '--udn', 'uuid:1'], '--udn must be'],
    [['--state', 'd', '--serial', 'a b'], '--serial must be'],
    [['--state', 'd', '--name', 'a\nb'], '--name must be'],
    [['--state', 'd', '--parent', '0'], '--parent must be'],
    [['--state', 'd', '--parent', '-5'], '--parent'],
    [['--state', 'd', '--nonsense'], '--nonsense'],
    [['--state', 'd', 'extra'], 'extra'],
    [['--state'], '--state'],
  ])('%j is refused in one line that names the option', (argv, part) => {
    const text = problem(...argv)
    expect(text).toContain(part)
    expect(text).toMatch(/^USAGE: [^\n]+$/)
  })

  it('has a sentence for each fault', () => {
    for (const name of FAULT_NAMES) {
      expect(FAULTS[name]).toMatch(/^[A-Z].{20,}\.$/)
      expect(helpText()).toContain(name)
    }
  })
})
