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

const CABLE = ['--serial-port', '/dev/ttyUSB0']
const UDN = 'uuid:11111111-2222-4333-8444-555555555555'

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
    [['--state', 'd', '--download-rate', '10'], '--download-rate must be'],
    [['--state', 'd', '--health-interval', '0'], '--health-interval must be'],
    [['--state', 'd', '--log-bytes', '65535'], '--log-bytes must be'],
    [['--state', 'd', '--nonsense'], '--nonsense'],
    [['--state', 'd', 'extra'], 'extra'],
    [['--state'], '--state'],
    [['--state', 'd', '--phase', 'manufacturing'], '--serial-port'],
    [['--state', 'd', ...CABLE, '--phase', 'manufacturing', '--serial', 'A'], '--serial'],
    [['--state', 'd', ...CABLE, '--phase', 'manufacturing', '--udn', UDN], '--udn'],
    [['--state', 'd', ...CABLE, '--baud', 'fast'], '--baud'],
    [['--state', 'd', ...CABLE, '--keygen-ms', '-1'], '--keygen-ms'],
    [['--state', 'd', ...CABLE, '--serial-framing', 'slip'], '--serial-framing must be'],
    [
      ['--state', 'd', ...CABLE, '--serial-framing', 'raw', '--fault', 'bad-crc'],
      'needs --serial-framing console',
    ],
    [['--state', 'd', ...CABLE, '--key-storage', 'paper'], '--key-storage must be'],
    [['--state', 'd', ...CABLE, '--bootloader-mode', 'hope'], '--bootloader-mode must be'],
    [['--state', 'd', '--bootloader-mode', 'swap'], '--bootloader-mode needs --serial-port'],
    [['--state', 'd', '--serial-port', 'tcp-listen:'], 'tcp-listen:PORT'],
    [['--state', 'd', '--serial-port', 'tcp-listen:65536'], 'tcp-listen:PORT'],
    [['--state', 'd', '--serial-port', 'tcp-listen:0.0.0.0:1'], 'tcp-listen:PORT'],
    [['--state', 'd', '--serial-port', 'tcp-listen:0', '--baud', '9600'], '--baud'],
    [['--state', 'd', '--baud', '9600'], '--baud needs --serial-port'],
    [['--state', 'd', '--fault', 'garbage'], '--fault garbage needs --serial-port'],
    [['--state', 'd', ...CABLE, '--fault', 'unplug@tea'], 'can be tied to one of'],
    [['--state', 'd', ...CABLE, '--fault', 'garbage@cert'], 'can be tied to one of'],
  ])('%j is refused in one line that names the option', (argv, part) => {
    const text = problem(...argv)
    expect(text).toContain(part)
    expect(text).toMatch(/^USAGE: [^\n]+$/)
  })

  it('about the serial side are read with their defaults', () => {
    const parsed = parseArguments([
      ...['--state', 'd', ...CABLE, '--phase', 'manufacturing'],
      ...['--fault', 'unplug@read-cert', '--fault', 'rc-2@image-upload', '--fault', 'garbage'],
    ])
    expect(parsed).toMatchObject({
      making: { phase: 'manufacturing' },
      faults: ['unplug', 'rc-2', 'garbage'],
      cable: {
        path: '/dev/ttyUSB0',
        framing: 'console',
        keygenMs: 0,
        keyStorage: 'secure-element',
        places: { unplug: 'read-cert', 'rc-2': 'image-upload' },
      },
    })
  })

  it('may let the serial side listen in place of a port', () => {
    const parsed = (place: string) => parseArguments(['--state', 'd', '--serial-port', place])
    expect(parsed('tcp-listen:0')).toMatchObject({ cable: { listenPort: 0 } })
    expect(parsed('tcp-listen:4001')).toMatchObject({ cable: { listenPort: 4001 } })
    expect(parsed('tcp:192.0.2.7:4001')).not.toHaveProperty('cable.listenPort')
  })

  it('has a sentence for each fault', () => {
    for (const name of FAULT_NAMES) {
      expect(FAULTS[name]).toMatch(/^[A-Z].{20,}\.$/)
      expect(helpText()).toContain(name)
    }
  })
})
