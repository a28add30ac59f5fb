import { describe, expect, it } from 'vitest'
import { platformOf, portFacts, portHints, usbId } from '../../../renderer/model/ports'

const hints = (list: Parameters<typeof portHints>[0], platform: Parameters<typeof portHints>[1] = 'linux') =>
  portHints(list, platform).map(({ hint }) => hint)

describe('serial ports', () => {
  it('are told apart by what their adapter says', () => {
    const port = { path: '/dev/ttyUSB0', manufacturer: 'Silicon Labs', vendorId: '10c4', productId: 'ea60' }
    expect(portFacts({ ...port, serialNumber: '02A8' })).toEqual(['Silicon Labs', '10c4:ea60', '02A8'])
    expect(portFacts({ path: 'COM1' })).toEqual([])
    expect(usbId({ path: 'COM1', vendorId: '10c4' })).toBeUndefined()
  })

  it('that are missing are explained, with the commands of this system', () => {
    expect(hints({ ports: [] })).toEqual(['cable', 'driver', 'denied'])
    expect(hints({ ports: [] }, 'windows')).toEqual(['cable', 'driver'])
    expect(hints({ ports: [], problem: 'no-driver' }, 'mac')).toEqual(['no-driver', 'cable', 'driver'])
    expect(portHints({ ports: [] }, 'linux').at(-1)?.command).toContain('dialout')
  })

  it('that are there need no explanation, unless facts are missing', () => {
    expect(hints({ ports: [{ path: '/dev/ttyUSB0' }] })).toEqual([])
    expect(hints({ ports: [{ path: '/dev/ttyUSB0' }], problem: 'no-udevadm' })).toEqual(['no-udevadm'])
    expect(hints(undefined)).toEqual([])
  })

  it('belong to the system that the window runs on', () => {
    expect(platformOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64)')).toBe('windows')
    expect(platformOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toBe('mac')
    expect(platformOf('Mozilla/5.0 (X11; Linux x86_64)')).toBe('linux')
  })
})
