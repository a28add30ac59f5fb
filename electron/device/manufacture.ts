/** Turns a blank folder into a device: key born here, request out, certificate of the factory in (802.1AR). */
import { randomUUID } from 'node:crypto'
import type { Authority } from '../identity/authority'
import { generateKeyPem } from '../identity/keys'
import { checkRequest, createRequest } from '../identity/request'
import type { Random } from '../net/clock'
import type { TlsIdentity } from '../net/tls'
import type { Making } from './arguments'
import type { KeyFiles, RequestSubject } from './key-files'
import { MODELS, parametersOf } from './models'
import { factoryConfiguration } from './parameters'
import { makeSetupCode, OPEN_GUARD } from './setup-code'
import { StateFile } from './state-file'

/** A key and the factory's certificate for it; `life` makes it end (for faults), else it never does. */
export const makeIdentity = async (
  factory: Authority,
  subject: RequestSubject,
  now: Date,
  life?: { readonly validityDays: number },
): Promise<TlsIdentity> => {
  const keyPem = generateKeyPem()
  const csr = await checkRequest(await createRequest({ keyPem, ...subject }), {
    udn: subject.udn,
    serialNumber: subject.serialNumber,
  })
  const request = { csr, ...subject, now }
  const issued = life
    ? await factory.issueLdevid({ ...request, ...life })
    : await factory.issueIdevid(request)
  return { keyPem, chainPem: issued.chainPem }
}

/** Makes the device; the state is written last, so that a folder without it is still blank. */
export const manufacture = async (
  folder: string,
  keys: KeyFiles,
  making: Making,
  factory: Authority,
  tools: { readonly random: Random; readonly now: Date },
): Promise<StateFile> => {
  const { model, phase, hardwareRevision, firmwareVersion } = making
  const udn = making.udn ?? `uuid:${randomUUID()}`
  const serialNumber =
    making.serialNumber ?? `${model}-${tools.random.bytes(4).toString('hex').toUpperCase()}`
  keys.saveIdevid(await makeIdentity(factory, { udn, serialNumber, model }, tools.now))
  return StateFile.create(folder, {
    format: 1,
    udn,
    model,
    serialNumber,
    name: making.name ?? `${MODELS[model].title} ${serialNumber}`.slice(0, 63),
    hardwareRevision,
    firmwareVersion,
    phase,
    bootId: 0,
    setupCode: makeSetupCode(tools.random.bytes(8)),
    setupGuard: OPEN_GUARD,
    lastGeneration: 0,
    configuration: factoryConfiguration(parametersOf(model)),
    faultsFired: [],
  })
}
