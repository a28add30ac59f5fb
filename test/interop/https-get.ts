/** Asks an HTTPS server by OpenSSL's own client; whether an HTTP answer came is what counts as being let in. */
import { type CertificateFiles, type Outcome, tool } from './stage'

export type TlsVersion = '-tls1_2' | '-tls1_3'
export const TLS_VERSIONS: readonly TlsVersion[] = ['-tls1_3', '-tls1_2']

export interface Ask {
  readonly authority: string
  readonly version: TlsVersion
  readonly client?: CertificateFiles | undefined
  /** Judges the server too: without a chain to this file nothing is sent. */
  readonly serverCa?: string
}

/** Runs to the end of the connection. */
export const ask = ({ authority, version, client, serverCa }: Ask): Promise<Outcome> => {
  const request = `GET /description.xml HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`
  const shown = client ? ['-cert', client.cert, '-key', client.key] : []
  const judged = serverCa ? ['-CAfile', serverCa, '-verify_return_error', '-verify', '4', '-x509_strict'] : []
  return tool('openssl', ['s_client', '-connect', authority, version, '-quiet', ...shown, ...judged], request)
}

/** `in` with an answer of 200, `refused` without any; everything else as it is, so that no test takes it for either. */
export const standing = ({ out, err }: Outcome): string => {
  if (/^HTTP\/1\.1 200 OK\r\n/.test(out) && out.includes('<root ')) return 'in'
  if (out === '' && !/Connection refused|connect:errno|unable to load|Could not (open|read)/.test(err))
    return 'refused'
  return `odd: ${out}${err}`
}
