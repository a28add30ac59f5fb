/** Device descriptions (UDA 2.0 §2.3): read tolerantly with a list of repairs, written strictly. */
import type { DeviceDescription, ServiceDescription } from '../contract/description'
import { IotmcError } from '../contract/errors'
import { type ServiceName, serviceId, serviceType } from '../contract/names'
import { DISCOVERY_LIMITS } from '../contract/timings'
import { resolvePeerUrl } from './description-url'
import { childOf, childrenOf, element, escapeAttribute, readXml, type XmlNode } from './xml'

const NAMESPACE = 'urn:schemas-upnp-org:device-1-0'
const SERVICES_MAX = 64
const EMBEDDED_MAX = 64
const EMBEDDED_DEPTH_MAX = 8
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** UDA 2.0 §2.3: shorter than these. */
const LENGTHS = {
  friendlyName: 63,
  manufacturer: 63,
  modelName: 31,
  modelNumber: 31,
  serialNumber: 63,
} as const

/** Collects repairs, each once, so that a hostile document can't fill memory with them. */
class Repairs {
  readonly #all = new Set<string>()
  add(text: string): void {
    if (this.#all.size < 32) this.#all.add(text)
  }
  list(): string[] {
    return [...this.#all]
  }
}

/** A child by name, or by the name in other capitals with a repair. */
const find = (node: XmlNode, name: string, repairs: Repairs): XmlNode | undefined => {
  const exact = childOf(node, name)
  if (exact) return exact
  const wanted = name.toLowerCase()
  const other = node.children.find((child) => child.name.toLowerCase() === wanted)
  if (other) repairs.add(`tag ${name} in other capitals`)
  return other
}

const findAll = (node: XmlNode, name: string): readonly XmlNode[] => {
  const exact = childrenOf(node, name)
  if (exact.length > 0) return exact
  return node.children.filter((child) => child.name.toLowerCase() === name.toLowerCase())
}

const textIn = (node: XmlNode, name: string, repairs: Repairs): string => {
  const raw = find(node, name, repairs)?.text ?? ''
  const clean = [...raw].map((c) => (c < ' ' || (c >= '\u007f' && c < '\u00a0') ? ' ' : c)).join('')
  return clean.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '').trim()
}

const limited = (node: XmlNode, name: keyof typeof LENGTHS, repairs: Repairs): string => {
  const characters = [...textIn(node, name, repairs)]
  if (characters.length <= LENGTHS[name]) return characters.join('')
  repairs.add(`${name} cut to ${LENGTHS[name]} characters`)
  return characters.slice(0, LENGTHS[name]).join('')
}

/** `UUID:uuid:ABC…` → `uuid:abc…`; undefined when there is no UUID in it. */
const readUdn = (node: XmlNode, repairs: Repairs): string | undefined => {
  const text = textIn(node, 'UDN', repairs)
  const bare = text.toLowerCase().replace(/^(uuid:\s*)+/, '')
  if (!UUID.test(bare)) return undefined
  if (text.slice(0, 5) !== 'uuid:' || text.length !== bare.length + 5) repairs.add('UDN prefix repaired')
  return `uuid:${bare}`
}

const URL_FIELDS = { scpdUrl: 'SCPDURL', controlUrl: 'controlURL', eventSubUrl: 'eventSubURL' } as const

const readService = (node: XmlNode, base: string, repairs: Repairs): ServiceDescription | undefined => {
  const type = textIn(node, 'serviceType', repairs)
  if (!type.startsWith('urn:') || type.length > 200) {
    repairs.add('service without a type left out')
    return undefined
  }
  const urls = { scpdUrl: '', controlUrl: '', eventSubUrl: '' }
  for (const [field, tag] of Object.entries(URL_FIELDS) as [keyof typeof URL_FIELDS, string][]) {
    const text = textIn(node, tag, repairs)
    // An empty eventSubURL is the way to say that a service sends no events.
    if (text === '') continue
    const resolved = resolvePeerUrl(text, base)
    for (const repair of resolved.repairs) repairs.add(`${tag}: ${repair}`)
    if (resolved.url === undefined) {
      repairs.add(`service ${type.slice(0, 80)} left out`)
      return undefined
    }
    urls[field] = resolved.url
  }
  return { serviceType: type, serviceId: textIn(node, 'serviceId', repairs).slice(0, 200), ...urls }
}

const embeddedUdns = (device: XmlNode, repairs: Repairs, depth = 0): string[] => {
  const list = depth < EMBEDDED_DEPTH_MAX ? find(device, 'deviceList', repairs) : undefined
  if (!list) return []
  return findAll(list, 'device')
    .flatMap((child) => {
      const udn = readUdn(child, repairs)
      return [...(udn ? [udn] : []), ...embeddedUdns(child, repairs, depth + 1)]
    })
    .slice(0, EMBEDDED_MAX)
}

/** Base of relative URLs. URLBase is gone in UDA 2.0; an old device's is used when it stays on the same host. */
const baseOf = (root: XmlNode, baseUrl: string, repairs: Repairs): string => {
  const text = textIn(root, 'URLBase', repairs)
  if (text === '') return baseUrl
  const resolved = resolvePeerUrl(text, baseUrl)
  repairs.add(resolved.url ? 'URLBase used' : 'URLBase ignored: another host')
  return resolved.url ?? baseUrl
}

const configIdOf = (root: XmlNode): number | undefined => {
  const text = root.attributes.configId ?? root.attributes.configid ?? ''
  const value = Number(text)
  return /^\d{1,8}$/.test(text) && value <= 0xffffff ? value : undefined
}

/**
 * Reads a description fetched from `baseUrl`; all URLs come out absolute and on the host of `baseUrl`.
 * Throws BAD_ANSWER, `detail` one of too-large, dtd, too-deep, unbalanced, not-xml, no-device, no-udn.
 */
export const parseDescription = (xml: Uint8Array, baseUrl: string): DeviceDescription => {
  const read = readXml(xml, DISCOVERY_LIMITS.descriptionMaxBytes)
  const repairs = new Repairs()
  for (const repair of read.repairs) repairs.add(repair)
  const { root } = read
  if (root.name !== 'root' && root.name.toLowerCase() === 'root') repairs.add('tag root in other capitals')
  const device = root.name.toLowerCase() === 'root' ? find(root, 'device', repairs) : undefined
  if (!device) throw new IotmcError('BAD_ANSWER', { detail: 'no-device' })
  const udn = readUdn(device, repairs)
  if (udn === undefined) throw new IotmcError('BAD_ANSWER', { detail: 'no-udn' })
  const declared = root.attributes[root.prefix ? `xmlns:${root.prefix}` : 'xmlns']
  if (declared === undefined && root.prefix) repairs.add('unbound prefix')
  else if (declared !== NAMESPACE) repairs.add('other namespace')
  const base = baseOf(root, baseUrl, repairs)
  const list = find(device, 'serviceList', repairs)
  const services = (list ? findAll(list, 'service') : [])
    .slice(0, SERVICES_MAX)
    .map((node) => readService(node, base, repairs))
    .filter((service) => service !== undefined)
  const optional = {
    modelNumber: limited(device, 'modelNumber', repairs) || undefined,
    serialNumber: limited(device, 'serialNumber', repairs) || undefined,
    configId: configIdOf(root),
  }
  const embedded = embeddedUdns(device, repairs)
  return {
    udn,
    deviceType: textIn(device, 'deviceType', repairs).slice(0, 200),
    friendlyName: limited(device, 'friendlyName', repairs),
    manufacturer: limited(device, 'manufacturer', repairs),
    modelName: limited(device, 'modelName', repairs),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    services,
    embedded,
    repairs: repairs.list(),
  }
}

export interface DescriptionFacts {
  readonly udn: string
  readonly deviceType: string
  readonly friendlyName: string
  readonly manufacturer: string
  readonly model: string
  readonly modelNumber?: string
  readonly serialNumber: string
  readonly configId: number
  readonly services: readonly ServiceName[]
  /** Those of them that send events; all unless told. */
  readonly evented?: readonly ServiceName[]
}

/** Paths of our own services, the same in the description and in the endpoint. */
export const servicePaths = (name: ServiceName) => ({
  scpd: `/scpd/${name}.xml`,
  control: `/control/${name}`,
  event: `/event/${name}`,
})

const cut = (text: string, name: keyof typeof LENGTHS): string => [...text].slice(0, LENGTHS[name]).join('')

/** Our own description, URLs relative to the root. */
export const buildDescription = (o: DescriptionFacts): string => {
  const services = o.services.map((name) => {
    const paths = servicePaths(name)
    return [
      '      <service>',
      `        ${element('serviceType', serviceType(name))}`,
      `        ${element('serviceId', serviceId(name))}`,
      `        ${element('SCPDURL', paths.scpd)}`,
      `        ${element('controlURL', paths.control)}`,
      `        ${element('eventSubURL', o.evented?.includes(name) === false ? '' : paths.event)}`,
      '      </service>',
    ].join('\n')
  })
  return `${[
    '<?xml version="1.0" encoding="utf-8"?>',
    `<root xmlns="${escapeAttribute(NAMESPACE)}" configId="${o.configId}">`,
    '  <specVersion><major>2</major><minor>0</minor></specVersion>',
    '  <device>',
    `    ${element('deviceType', o.deviceType)}`,
    `    ${element('friendlyName', cut(o.friendlyName, 'friendlyName'))}`,
    `    ${element('manufacturer', cut(o.manufacturer, 'manufacturer'))}`,
    `    ${element('modelName', cut(o.model, 'modelName'))}`,
    ...(o.modelNumber ? [`    ${element('modelNumber', cut(o.modelNumber, 'modelNumber'))}`] : []),
    `    ${element('serialNumber', cut(o.serialNumber, 'serialNumber'))}`,
    `    ${element('UDN', o.udn)}`,
    '    <serviceList>',
    ...services,
    '    </serviceList>',
    '  </device>',
    '</root>',
  ].join('\n')}\n`
}
