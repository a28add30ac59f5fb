/** SOAP written by hand and sent by curl: the other side of the wire has none of our code. */
import { createHash, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type CertificateFiles, tool } from './stage'

export interface CurlCall {
  /** URL of the control path. */
  readonly url: string
  readonly service: string
  readonly action: string
  readonly args?: Readonly<Record<string, string>>
  readonly client: CertificateFiles | undefined
  /** File of the certificate that the server must show. */
  readonly server: string
}

export interface CurlAnswer {
  /** Exit code of curl. */
  readonly code: number | string
  /** HTTP status, 0 where there was none. */
  readonly status: number
  /** Text of an out-argument, or of errorCode and errorDescription. */
  field(name: string): string | undefined
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
}
const plain = (text: string): string =>
  text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity)
const encoded = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** Identity is a key here and never a host name, so curl is told the key. */
const pinOf = (file: string): string => {
  const spki = createPublicKey(readFileSync(file)).export({ type: 'spki', format: 'der' })
  return `sha256//${createHash('sha256').update(spki).digest('base64')}`
}

/** Prefixes, blanks and a comment that our own client would never send. */
const envelope = ({ service, action, args = {} }: CurlCall): string =>
  [
    '<?xml version="1.0"?>',
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"',
    '    SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
    '  <SOAP-ENV:Body>',
    `    <m:${action} xmlns:m="urn:iotmc-org:service:${service}:1"><!-- by hand -->`,
    ...Object.entries(args).map(([name, value]) => `      <${name}>${encoded(value)}</${name}>`),
    `    </m:${action}>`,
    '  </SOAP-ENV:Body>',
    '</SOAP-ENV:Envelope>',
  ].join('\r\n')

/** Who curl is and whom it speaks to. */
const asClient = ({ client, server }: Pick<CurlCall, 'client' | 'server'>): string[] => [
  ...['--silent', '--noproxy', '*', '--insecure', '--pinnedpubkey', pinOf(server)],
  ...(client ? ['--cert', client.cert, '--key', client.key] : []),
]

/** Asks for the events of the service behind `url`, to go back to the same host. */
export const curlSubscribe = async (
  call: Pick<CurlCall, 'url' | 'client' | 'server'>,
): Promise<Pick<CurlAnswer, 'code' | 'status'>> => {
  const { code, out } = await tool('curl', [
    ...[...asClient(call), '--request', 'SUBSCRIBE', '--header', 'NT: upnp:event'],
    ...['--header', `CALLBACK: <https://${new URL(call.url).hostname}:9/events>`],
    ...['--header', 'TIMEOUT: Second-60', '--output', '/dev/null', '--write-out', '%{http_code}', call.url],
  ])
  return { code, status: Number(out) }
}

export const curl = async (call: CurlCall): Promise<CurlAnswer> => {
  const { url, service, action } = call
  const { code, out } = await tool(
    'curl',
    [
      ...asClient(call),
      ...['--header', 'Content-Type: text/xml; charset="utf-8"'],
      ...['--header', `SOAPACTION: "urn:iotmc-org:service:${service}:1#${action}"`],
      ...['--data-binary', '@-', '--write-out', '\n%{http_code}', url],
    ],
    envelope(call),
  )
  const at = out.lastIndexOf('\n')
  const body = out.slice(0, at)
  const field = (name: string): string | undefined => {
    const text = new RegExp(`<(?:\\w+:)?${name}>([^<]*)</`).exec(body)?.[1]
    return text === undefined ? undefined : plain(text)
  }
  return { code, status: Number(out.slice(at + 1)), field }
}
