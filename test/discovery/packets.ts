/** Packets as devices send them, to be bent by tests. */
export const UDN = 'uuid:0b7a3e1c-1111-4222-8333-444455556666'
export const TYPE = 'urn:iotmc-org:device:ManagedDevice:1'

export const lines = (...all: string[]): string => [...all, '', ''].join('\r\n')

const COMMON = [
  'CACHE-CONTROL: max-age=1800',
  'LOCATION: http://10.77.0.2:49152/description.xml',
  'SERVER: Linux/6.1 UPnP/2.0 Pump/1.0',
  `USN: ${UDN}::${TYPE}`,
  'BOOTID.UPNP.ORG: 12',
  'CONFIGID.UPNP.ORG: 3',
  'SECURELOCATION.UPNP.ORG: https://10.77.0.2:49153/description.xml',
  'MGMT.IOTMC-ORG: 1; phase=commissioning; caps=enroll,config; id=0123456789abcdef',
]

export const ALIVE = lines(
  'NOTIFY * HTTP/1.1',
  'HOST: 239.255.255.250:1900',
  `NT: ${TYPE}`,
  'NTS: ssdp:alive',
  ...COMMON,
)
export const ANSWER = lines(
  'HTTP/1.1 200 OK',
  'DATE: Sun, 06 Nov 1994 08:49:37 GMT',
  'EXT:',
  `ST: ${TYPE}`,
  ...COMMON,
)
export const BYEBYE = lines(
  'NOTIFY * HTTP/1.1',
  'HOST: 239.255.255.250:1900',
  `NT: ${TYPE}`,
  'NTS: ssdp:byebye',
  `USN: ${UDN}::${TYPE}`,
  'BOOTID.UPNP.ORG: 12',
  'CONFIGID.UPNP.ORG: 3',
)
export const UPDATE = lines(
  'NOTIFY * HTTP/1.1',
  'HOST: 239.255.255.250:1900',
  'LOCATION: http://10.77.0.2:49152/description.xml',
  `NT: ${TYPE}`,
  'NTS: ssdp:update',
  `USN: ${UDN}::${TYPE}`,
  'BOOTID.UPNP.ORG: 12',
  'CONFIGID.UPNP.ORG: 3',
  'NEXTBOOTID.UPNP.ORG: 13',
)
export const SEARCH = lines(
  'M-SEARCH * HTTP/1.1',
  'HOST: 239.255.255.250:1900',
  'MAN: "ssdp:discover"',
  'MX: 3',
  `ST: ${TYPE}`,
  'USER-AGENT: Linux/6.1 UPnP/2.0 Tool/1.0',
)

/** The packet with one header line changed, or taken out where `value` is undefined. */
export const withHeader = (packet: string, name: string, value: string | undefined): string =>
  packet.replace(new RegExp(`^${name}:.*\r\n`, 'm'), value === undefined ? '' : `${name}: ${value}\r\n`)
