/**
 * Keys and certificates of a device. Each LDevID has a generation: its files are complete before the state names it, so
 * that a key and a certificate that do not belong together can never be read.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { generateKeyPem } from '../identity/keys'
import { createRequest } from '../identity/request'
import type { TlsIdentity } from '../net/tls'
import { readFileBounded, writeFileAtomic } from './atomic-file'
import { PLAIN_KEY, sealedKeyForTls } from './secure-element'
import { shred } from './shred'

const CHAIN = 'idevid.pem'
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

  /** The factory identity; a sealed key is opened in memory only. DATA_DAMAGED where a file is missing or not PEM. */
  idevid(): TlsIdentity {
    return { keyPem: sealedKeyForTls(this.folder) ?? this.read(PLAIN_KEY), chainPem: this.idevidChain() }
  }

  /** The certificates of the factory identity, leaf first. DATA_DAMAGED as above. */
  idevidChain(): string {
    return this.read(CHAIN)
  }

  saveIdevid(identity: TlsIdentity): void {
    this.write(PLAIN_KEY, identity.keyPem)
    this.write(CHAIN, identity.chainPem)
  }

  /** For a key that lies in its secure element already. */
  saveIdevidChain(chainPem: string): void {
    this.write(CHAIN, chainPem)
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

  /** Overwrites and removes every LDevID file of other generations; with none given, of all. */
  removeExcept(generations: readonly (number | undefined)[]): void {
    if (!existsSync(this.folder)) return
    for (const name of readdirSync(this.folder)) {
      const generation = LDEVID_FILE.exec(name)?.[1]
      if (generation && !generations.includes(Number(generation))) shred(join(this.folder, name))
    }
  }
}
