/** Many devices at once on the loopback: real advertisements, real description documents, one process. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const uuidOf = (n: number): string => `5ca1ab1e-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
const TYPE = 'urn:iotmc-org:device:ManagedDevice:1'

const description = (n: number): string => `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0" configId="1"><specVersion><major>2</major><minor>0</minor></specVersion><device>
<deviceType>${TYPE}</deviceType><friendlyName>Sensor ${n}</friendlyName><manufacturer>Bench</manufacturer>
<modelName>BX-${n % 7}</modelName><serialNumber>BX-${String(n).padStart(6, '0')}</serialNumber><UDN>uuid:${uuidOf(n)}</UDN>
<serviceList><service><serviceType>urn:iotmc-org:service:Lifecycle:1</serviceType><serviceId>urn:iotmc-org:serviceId:Lifecycle</serviceId>
<SCPDURL>/scpd/Lifecycle.xml</SCPDURL><controlURL>/control/Lifecycle</controlURL><eventSubURL>/event/Lifecycle</eventSubURL></service></serviceList>
</device></root>`

const advertisement = (n: number, port: number): Buffer => {
  const base = `127.0.0.1:${port}/${n}/description.xml`
  return Buffer.from(
    [
      'NOTIFY * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'CACHE-CONTROL: max-age=1800',
      `LOCATION: http://${base}`,
      `SECURELOCATION.UPNP.ORG: https://${base}`,
      `NT: ${TYPE}`,
      'NTS: ssdp:alive',
      'SERVER: Linux/6 UPnP/2.0 Bench/1',
      `USN: uuid:${uuidOf(n)}::${TYPE}`,
      'BOOTID.UPNP.ORG: 1',
      'CONFIGID.UPNP.ORG: 1',
      'MGMT.IOTMC-ORG: 1; phase=commissioning; caps=enroll,config; id=0123456789abcdef',
      '',
      '',
    ].join('\r\n'),
  )
}

/** How many are announced before the receiver is given a turn; more than its buffer holds would be dropped. */
const BURST = 50

/** Serves `count` descriptions; `announce` advertises all of them once. */
export const startCrowd = async (count: number): Promise<{ announce(): Promise<void>; close(): void }> => {
  const server = createServer((request, response) => {
    const n = Number(request.url?.split('/')[1])
    response.writeHead(200, { 'content-type': 'text/xml; charset="utf-8"' }).end(description(n))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setMulticastInterface('127.0.0.1')
  socket.setMulticastLoopback(true)
  return {
    announce: async () => {
      for (let n = 0; n < count; n++) {
        socket.send(advertisement(n, port), 1900, '239.255.255.250')
        if (n % BURST === 0) await new Promise((next) => setTimeout(next, 10))
      }
    },
    close: () => {
      socket.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
