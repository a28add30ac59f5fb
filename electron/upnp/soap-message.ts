/** SOAP 1.1 as UPnP uses it (UDA 2.0 §3): pure codec, no I/O. Any namespace prefix, whitespace and comments are fine. */
import { codeFromUpnp, ERROR_CODES, type ErrorCode, IotmcError, upnpNumber } from '../contract/errors'
import { childOf, element, escapeAttribute, readXml, type XmlNode } from './xml'

export interface SoapCall {
  readonly serviceType: string
  readonly action: string
  readonly args: Readonly<Record<string, string>>
}

export interface SoapFault {
  /** UPnP error number. */
  readonly number: number
  /** Error description as sent, cut to 256 characters. */
  readonly description: string
}

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'
const NAME = /^[A-Za-z_][\w.-]{0,127}$/

const wrap = (body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="${ENVELOPE}" ` +
  `s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${body}</s:Body></s:Envelope>\n`

const fields = (args: Readonly<Record<string, string>>): string =>
  Object.entries(args)
    .map(([name, value]) => {
      if (!NAME.test(name)) throw new IotmcError('INVALID_ARGS', { detail: 'argument name' })
      return element(name, value)
    })
    .join('')

const actionElement = (type: string, name: string, args: Readonly<Record<string, string>>): string => {
  if (!NAME.test(name)) throw new IotmcError('INVALID_ACTION', { detail: 'action name' })
  return wrap(`<u:${name} xmlns:u="${escapeAttribute(type)}">${fields(args)}</u:${name}>`)
}

/** Value of the SOAPACTION header of a call. */
export const soapActionHeader = (serviceType: string, action: string): string => `"${serviceType}#${action}"`

/** Splits a SOAPACTION header, quotes or not; undefined when it is none. */
export const parseSoapAction = (
  header: string | undefined,
): { serviceType: string; action: string } | undefined => {
  const match = /^\s*"?([^"#\s]{1,200})#([A-Za-z_][\w.-]{0,127})"?\s*$/.exec(header ?? '')
  return match?.[1] && match[2] ? { serviceType: match[1], action: match[2] } : undefined
}

export const encodeCall = (call: SoapCall): string => actionElement(call.serviceType, call.action, call.args)

export const encodeAnswer = (
  call: Pick<SoapCall, 'serviceType' | 'action'>,
  out: Readonly<Record<string, string>>,
): string => actionElement(call.serviceType, `${call.action}Response`, out)

export const encodeFault = (fault: SoapFault): string =>
  wrap(
    '<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>' +
      `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0">${element('errorCode', String(fault.number))}` +
      `${element('errorDescription', fault.description.slice(0, 256))}</UPnPError></detail></s:Fault>`,
  )

const bodyOf = (xml: Uint8Array): XmlNode => {
  const { root } = readXml(xml)
  const body = root.name === 'Envelope' ? childOf(root, 'Body') : undefined
  const first = body?.children[0]
  if (!first) throw new IotmcError('BAD_ANSWER', { detail: 'not a SOAP envelope' })
  return first
}

const argumentsOf = (node: XmlNode): Record<string, string> => {
  const entries: [string, string][] = []
  const seen = new Set<string>()
  for (const child of node.children) {
    if (!NAME.test(child.name) || seen.has(child.name) || child.children.length > 0) {
      throw new IotmcError('INVALID_ARGS', { detail: 'argument twice, nested or badly named' })
    }
    seen.add(child.name)
    entries.push([child.name, child.text])
  }
  return Object.fromEntries(entries)
}

const namespaceOf = (node: XmlNode): string | undefined =>
  node.attributes[node.prefix ? `xmlns:${node.prefix}` : 'xmlns']

/**
 * Reads a call. The header names the action; a body that says otherwise is INVALID_ACTION.
 * Throws BAD_ANSWER for what is no envelope, INVALID_ACTION, INVALID_ARGS.
 */
export const decodeCall = (xml: Uint8Array, soapAction: string | undefined): SoapCall => {
  const named = parseSoapAction(soapAction)
  if (!named) throw new IotmcError('INVALID_ACTION', { detail: 'SOAPACTION header' })
  const node = bodyOf(xml)
  const type = namespaceOf(node)
  if (node.name !== named.action || (type !== undefined && type !== named.serviceType)) {
    throw new IotmcError('INVALID_ACTION', { detail: 'body and SOAPACTION header differ' })
  }
  return { ...named, args: argumentsOf(node) }
}

/** The out-arguments as sent; throws BAD_ANSWER when the envelope holds something else. */
export const decodeAnswer = (xml: Uint8Array, action: string): Record<string, string> => {
  const node = bodyOf(xml)
  if (node.name !== `${action}Response`)
    throw new IotmcError('BAD_ANSWER', { detail: 'not the answer to the call' })
  try {
    return argumentsOf(node)
  } catch (cause) {
    throw new IotmcError('BAD_ANSWER', { detail: 'argument twice, nested or badly named', cause })
  }
}

const isControl = (point: number): boolean => point < 0x20 || (point >= 0x7f && point < 0xa0)

/** The UPnP error of a fault; throws BAD_ANSWER when there is none. */
export const decodeFault = (xml: Uint8Array): SoapFault => {
  const fault = bodyOf(xml)
  const detail = fault.name === 'Fault' ? childOf(fault, 'detail') : undefined
  const error = detail ? childOf(detail, 'UPnPError') : undefined
  const number = Number((error && childOf(error, 'errorCode')?.text) ?? Number.NaN)
  if (!error || !Number.isInteger(number) || number < 100 || number > 999) {
    throw new IotmcError('BAD_ANSWER', { detail: 'fault without a UPnP error' })
  }
  const description = [...(childOf(error, 'errorDescription')?.text ?? '').trim().slice(0, 256)]
    .map((c) => (isControl(c.charCodeAt(0)) ? ' ' : c))
    .join('')
  return { number, description }
}

/**
 * The fault for a cause: its number, and `CODE: detail`, so that causes that share a number stay apart. Of a cause
 * that is about this side alone (a damaged file, a locked vault) the other side learns the name only.
 */
export const faultOf = (error: IotmcError): SoapFault => {
  const number = upnpNumber(error.code)
  if (number === 501 && error.code !== 'ACTION_FAILED')
    return { number, description: `ACTION_FAILED: ${error.code}` }
  return { number, description: error.detail ? `${error.code}: ${error.detail}` : error.code }
}

/**
 * The cause behind a fault. A code in the description is believed only where it belongs to the number; codes without
 * a number of their own (CANCELLED, VAULT_LOCKED, …) are about this laptop, and no peer may claim them.
 */
export const errorOf = (fault: SoapFault, subject?: string): IotmcError => {
  const match = /^([A-Z][A-Z_]{2,40})(?:: (.*))?$/s.exec(fault.description)
  const named = ERROR_CODES.find((code): code is ErrorCode => code === match?.[1])
  const isNamed =
    named !== undefined &&
    upnpNumber(named) === fault.number &&
    (fault.number !== 501 || named === 'ACTION_FAILED')
  const detail = isNamed
    ? match?.[2]
    : `UPnP ${fault.number}${fault.description ? ` ${fault.description}` : ''}`
  return new IotmcError(isNamed ? named : codeFromUpnp(fault.number), {
    ...(subject ? { subject } : {}),
    ...(detail ? { detail } : {}),
  })
}
