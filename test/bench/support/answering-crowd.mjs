/**
 * Many devices that answer searches as UDA 2.0 asks: each after a random time within MX, on the loopback. A program of
 * its own (`node answering-crowd.mjs COUNT`), so that it does not share the event loop of what is measured.
 */
import { createSocket } from 'node:dgram'

const GROUP = '239.255.255.250'
const ADDRESS = '127.0.0.1'
const TYPE = 'urn:iotmc-org:device:ManagedDevice:1'

const udnOf = (n) => `uuid:5ca1ab1e-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

const answer = (n) => {
  const base = `${ADDRESS}:49152/${n}/description.xml`
  return Buffer.from(
    [
      'HTTP/1.1 200 OK',
      'CACHE-CONTROL: max-age=1800',
      `DATE: ${new Date().toUTCString()}`,
      'EXT:',
      `LOCATION: http://${base}`,
      'SERVER: Linux/6.1 UPnP/2.0 Bench/1',
      `ST: ${TYPE}`,
      `USN: ${udnOf(n)}::${TYPE}`,
      'BOOTID.UPNP.ORG: 1',
      'CONFIGID.UPNP.ORG: 1',
      `SECURELOCATION.UPNP.ORG: https://${base}`,
      'MGMT.IOTMC-ORG: 1; phase=commissioning; caps=enroll,config; id=0123456789abcdef',
      '',
      '',
    ].join('\r\n'),
  )
}

const answers = Array.from({ length: Number(process.argv[2]) }, (_, n) => answer(n))
const listen = createSocket({ type: 'udp4', reuseAddr: true })
const sender = createSocket('udp4')

listen.on('message', (bytes, from) => {
  const text = bytes.toString('latin1')
  if (!text.startsWith('M-SEARCH') || !text.includes(`\nST: ${TYPE}\r`)) return
  const mxMs = Number(/\nMX: (\d)/.exec(text)?.[1] ?? 1) * 1000
  for (const each of answers)
    setTimeout(() => sender.send(each, from.port, from.address), Math.random() * mxMs)
})
listen.bind(1900, () => {
  listen.addMembership(GROUP, ADDRESS)
  sender.bind(0, ADDRESS, () => process.stdout.write('ready\n'))
})
