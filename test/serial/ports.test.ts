import { expect, it } from 'vitest'
import { serialPortListSchema } from '../../electron/contract/serial'
import { listSerialPorts, openFailure } from '../../electron/serial/ports'

const noNames = async () => []

it('lists USB ports first, by number, with what tells them apart', async () => {
  const list = async () => [
    { path: '/dev/ttyS0', manufacturer: undefined },
    {
      path: '/dev/ttyUSB10',
      vendorId: '10C4',
      productId: 'EA60',
      serialNumber: '0001',
      manufacturer: 'Silicon Labs',
    },
    { path: '/dev/ttyUSB2', vendorId: '0403', productId: '6001', serialNumber: '', pnpId: 'x' },
  ]
  expect(await listSerialPorts({ list, deviceNames: noNames })).toEqual({
    ports: [
      { path: '/dev/ttyUSB2', vendorId: '0403', productId: '6001' },
      {
        path: '/dev/ttyUSB10',
        vendorId: '10c4',
        productId: 'ea60',
        serialNumber: '0001',
        manufacturer: 'Silicon Labs',
      },
      { path: '/dev/ttyS0' },
    ],
  })
})

it('names the USB ports of /dev where udevadm is missing, and says what is missing', async () => {
  const list = () => Promise.reject(Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' }))
  const deviceNames = async () => ['tty0', 'ttyACM1', 'ttyUSB0', 'null']
  const answer = await listSerialPorts({ list, deviceNames })
  expect(answer).toMatchObject({
    ports: [{ path: '/dev/ttyACM1' }, { path: '/dev/ttyUSB0' }],
    problem: 'no-udevadm',
    reason: expect.stringContaining('udevadm'),
  })
  expect(serialPortListSchema.parse(answer)).toEqual(answer)
})

it.each([
  ['no-driver', Object.assign(new Error('No native build was found for platform=x'), {})],
  ['no-driver', Object.assign(new Error('x'), { code: 'ERR_DLOPEN_FAILED' })],
  ['list-failed', new Error('access denied')],
])('answers %s instead of failing', async (problem, error) => {
  const deviceNames = () => Promise.reject(new Error('no /dev'))
  expect(await listSerialPorts({ list: () => Promise.reject(error), deviceNames })).toMatchObject({
    ports: [],
    problem,
  })
})

it.each([
  ['SERIAL_PORT_MISSING', 'Error: No such file or directory, cannot open /dev/ttyUSB9'],
  ['SERIAL_PORT_MISSING', 'Opening COM9: File not found'],
  ['SERIAL_PORT_MISSING', 'Error: No such device or address, cannot open /dev/ttyS9'],
  ['SERIAL_PORT_DENIED', 'Error: Permission denied, cannot open /dev/ttyUSB0'],
  ['SERIAL_PORT_DENIED', 'Opening COM3: Access denied'],
  ['SERIAL_PORT_DENIED', 'EACCES: permission denied'],
  ['SERIAL_PORT_BUSY', 'Error Resource temporarily unavailable Cannot lock port'],
  ['SERIAL_PORT_BUSY', 'Error: Device or resource busy, cannot open /dev/ttyUSB0'],
])('says %s for a port that can not be opened: %s', (code, words) => {
  expect(openFailure('/dev/x', new Error(words))).toMatchObject({ code, subject: '/dev/x' })
})

it('keeps the words of the system where it does not know them', () => {
  const failure = openFailure('/dev/x', new Error('Inappropriate ioctl for device'))
  expect(failure).toMatchObject({ code: 'SERIAL_PORT_MISSING', detail: 'Inappropriate ioctl for device' })
})

it('answers on this machine, whatever it has', async () => {
  const answer = await listSerialPorts()
  expect(serialPortListSchema.parse(answer)).toEqual(answer)
})
