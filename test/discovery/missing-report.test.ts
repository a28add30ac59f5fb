/** What the counted facts hint at when a device is missing, and what the kernel tells of dropped packets. */
import { expect, test } from 'vitest'
import type { InterfaceReport } from '../../electron/contract/discovery'
import { parseSnmpDrops, parseUdpTable } from '../../electron/discovery/kernel-drops'
import { hintsFor, type ReportFacts } from '../../electron/discovery/missing-report'
import { Refusals } from '../../electron/discovery/refusals'

const row: InterfaceReport = {
  name: 'eth0',
  family: 'IPv4',
  address: '10.77.0.1',
  listening: true,
  searchesSent: 3,
  sendErrors: 0,
  packetsHeard: 9,
  answersHeard: 3,
  notifiesHeard: 6,
  malformed: 0,
  receiveBufferBytes: 4_194_304,
  receiveBufferAsked: 8_388_608,
}
const facts: ReportFacts = {
  interfaces: [row],
  all: [],
  kernelDrops: 0,
  portShared: false,
  refused: [],
  devicesListed: 1,
  platform: 'linux',
  ownPackets: 0,
}
const silent = { ...row, packetsHeard: 0, answersHeard: 0, notifiesHeard: 0 }
const iface = (name: string) => ({ name, addresses4: [], addresses6LinkLocal: [], loopback: false })
const refused = { from: '10.77.0.2', interfaceName: 'eth0', count: 1, lastMs: 0 }

test.each<[name: string, over: Partial<ReportFacts>, hints: string[]]>([
  ['all is fine', {}, ['all-fine']],
  ['no interface', { interfaces: [] }, ['no-interface']],
  [
    'only one that failed',
    { interfaces: [{ ...row, receiveBufferBytes: 0, problem: 'ENODEV' }] },
    ['no-interface'],
  ],
  ['silence on Linux', { interfaces: [silent] }, ['nothing-heard', 'firewall-linux']],
  ['silence on Windows', { interfaces: [silent], platform: 'win32' }, ['nothing-heard', 'firewall-windows']],
  ['silence on a Mac', { interfaces: [silent], platform: 'darwin' }, ['nothing-heard', 'firewall-macos']],
  [
    'silence with a VPN',
    { interfaces: [silent], all: [iface('tun0')] },
    ['nothing-heard', 'firewall-linux', 'vpn-active'],
  ],
  ['nothing but the own echo', { ownPackets: 9, devicesListed: 0 }, ['only-own-packets', 'firewall-linux']],
  ['dropped packets', { kernelDrops: 4 }, ['packets-dropped']],
  ['a small buffer', { interfaces: [{ ...row, receiveBufferBytes: 212_992 }] }, ['buffer-small']],
  [
    'port 1900 held by another program',
    { interfaces: [{ ...row, listening: false }], portShared: true },
    ['port-1900-shared'],
  ],
  ['refused devices', { refused: [{ ...refused, reason: 'off-subnet' }] }, ['devices-refused']],
  ['malformed packets alone', { refused: [{ ...refused, reason: 'malformed-packet' }] }, ['all-fine']],
])('%s', (_name, over, hints) => {
  expect(hintsFor({ ...facts, ...over })).toEqual(hints)
})

test('the table of UDP sockets is read, odd rows left out', () => {
  const table = [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    '  507: 00000000:076C 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18345 2 0000000000000000 42',
    '  508: 0100007F:D431 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18346 2 0000000000000000 0',
    'rubbish',
    '',
  ].join('\n')
  expect(parseUdpTable(table)).toEqual([
    { port: 1900, inode: '18345', drops: 42 },
    { port: 54321, inode: '18346', drops: 0 },
  ])
})

test('the counters of the whole machine', () => {
  const text =
    'Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\nUdp: 1 2 3 4 55 6\nUdpLite: x\n'
  expect(parseSnmpDrops(text)).toBe(55)
  expect(parseSnmpDrops('')).toBeUndefined()
})

test('refusals are counted, latest first, bounded, and cleared when a device turns out fine', () => {
  const refusals = new Refusals()
  for (let n = 0; n < 600; n++) {
    refusals.add({ from: `10.77.0.${n}`, interfaceName: 'eth0', usn: `uuid:${n}`, reason: 'off-subnet' }, n)
  }
  refusals.add({ from: '10.77.0.400', interfaceName: 'eth0', usn: 'uuid:400', reason: 'off-subnet' }, 1000)
  expect(refusals.list()).toHaveLength(500)
  expect(refusals.list()[0]).toMatchObject({ usn: 'uuid:400', count: 2, lastMs: 1000 })
  refusals.clear('uuid:400')
  expect(refusals.list().some(({ usn }) => usn === 'uuid:400')).toBe(false)
})
