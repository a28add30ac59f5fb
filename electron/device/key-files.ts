/**
 * Keys and certificates of a device. Each LDevID has a generation: its files are complete before the state names it, so
 * that a key and a certificate that do not belong together can never be read.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { generateKeyPem } from '../identity/keys'
import { createRequest } from '../identity/request'
import type { TlsIdentity } from '../net/tls'
import { readFileBounded, writeFileAtomic } from './atomic-file'

const PEM_MAX_BYTES = 64 * 1024
const LDEVID_FILE = /^ldevid-(\d{1,9})\.(key|csr|pem)(\.new)?$/

export interface RequestSubject {
  readonly udn: string
  readonly serialNumber: string
  readonly model: string
}

export class KeyFiles {
  constructor(readonly folder: string) {}

  private read(name: string): string {
    const path = join(this.folder, name)
    const text = readFileBounded(path, PEM_MAX_BYTES)
    if (!text?.startsWith('-----BEGIN '))
      throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'not PEM' })
    return text
  }

  private write(name: string, text: string): void {
    writeFileAtomic(join(this.folder, name), text)
  }

  /** The factory identity. DATA_DAMAGED where a file is missing or not PEM. */
  idevid(): TlsIdentity {
    return { keyPem: this.read('idevid.key'), chainPem: this.read('idevid.pem') }
  }

  saveIdevid(identity: TlsIdentity): void {
    this.write('idevid.key', identity.keyPem)
    this.write('idevid.pem', identity.chainPem)
  }

  ldevid(generation: number): TlsIdentity {
    return { keyPem: this.read(`ldevid-${generation}.key`), chainPem: this.read(`ldevid-${generation}.pem`) }
  }

  /** Makes the key and the signed request of a generation; both are kept, so that the request never varies. */
  async makeRequest(generation: number, subject: RequestSubject): Promise<void> {
    const keyPem = generateKeyPem()
    this.write(`ldevid-${generation}.key`, keyPem)
    this.write(`ldevid-${generation}.csr`, await createRequest({ keyPem, ...subject }))
  }

  /** The PEM request of a generation. */
  request(generation: number): string {
    return this.read(`ldevid-${generation}.csr`)
  }

  keyOf(generation: number): string {
    return this.read(`ldevid-${generation}.key`)
  }

  saveLdevid(generation: number, chainPem: string): void {
    this.write(`ldevid-${generation}.pem`, chainPem)
  }

  /** Removes every LDevID file of other generations; with none given, of all. */
  removeExcept(generations: readonly (number | undefined)[]): void {
    if (!existsSync(this.folder)) return
    for (const name of readdirSync(this.folder)) {
      const generation = LDEVID_FILE.exec(name)?.[1]
      if (generation && !generations.includes(Number(generation)))
        rmSync(join(this.folder, name), { force: true })
    }
  }
}
