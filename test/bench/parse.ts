/** Reading of SSDP messages, beside node-ssdp's own reader on the same bytes. */
import ssdp from 'node-ssdp'
import { parseSsdp } from '../../electron/discovery/ssdp-parse'
import { median, type Print } from './support/print'

const UDN = 'uuid:0b7a3e1c-1111-4222-8333-444455556666'
const TYPE = 'urn:iotmc-org:device:ManagedDevice:1'
const COMMON = [
  'CACHE-CONTROL: max-age=1800',
  'LOCATION: http://10.77.0.2:49152/description.xml',
  'SERVER: Linux/6.1 UPnP/2.0 IoTMC-Technician/0.1',
  `USN: ${UDN}::${TYPE}`,
  'BOOTID.UPNP.ORG: 12',
  'CONFIGID.UPNP.ORG: 3',
  'SECURELOCATION.UPNP.ORG: https://10.77.0.2:49153/description.xml',
  'MGMT.IOTMC-ORG: 1; phase=commissioning; caps=enroll,config; id=0123456789abcdef',
  '',
  '',
]
const MESSAGES = [
  ['NOTIFY * HTTP/1.1', 'HOST: 239.255.255.250:1900', `NT: ${TYPE}`, 'NTS: ssdp:alive', ...COMMON],
  ['HTTP/1.1 200 OK', 'DATE: Sun, 06 Nov 1994 08:49:37 GMT', 'EXT:', `ST: ${TYPE}`, ...COMMON],
].map((lines) => Buffer.from(lines.join('\r\n')))

const COUNT = 40_000
const RUNS = 7

/** The library's reader, which it keeps to itself: what each of its sockets calls for each datagram. */
interface Reader {
  _parseMessage(bytes: Buffer, from: { address: string; port: number }): void
}

/** By the time that the processor worked, so that a busy machine does not blur it. */
const perSecond = (read: (bytes: Buffer) => void): number => {
  const start = process.cpuUsage()
  for (let n = 0; n < COUNT; n++) read(MESSAGES[n % MESSAGES.length] as Buffer)
  const { user, system } = process.cpuUsage(start)
  return (COUNT / (user + system)) * 1e6
}

/** Prints messages a second of both, and how many times faster ours is. The aim is 3. */
export const run = async (print: Print): Promise<void> => {
  const library = new ssdp.Client({ location: 'http://127.0.0.1/' }) as unknown as Reader
  const from = { address: '10.77.0.2', port: 1900 }
  const readers = {
    own: (bytes: Buffer) => {
      if (!parseSsdp(bytes).ok) throw new Error('a good message was refused')
    },
    library: (bytes: Buffer) => library._parseMessage(bytes, from),
  }
  // Once each without counting, so that both are compiled; then in turn, so that both meet the same machine.
  perSecond(readers.own)
  perSecond(readers.library)
  const own: number[] = []
  const theirs: number[] = []
  for (let n = 0; n < RUNS; n++) {
    own.push(perSecond(readers.own))
    theirs.push(perSecond(readers.library))
  }
  print('parse-own', Math.round(median(own)), 'messages/s')
  print('parse-node-ssdp', Math.round(median(theirs)), 'messages/s')
  print('parse-ratio', Number((median(own) / median(theirs)).toFixed(2)), 'times')
}
