/** The ten steps of an injection. Each asks ledger and device first, so that none happens twice (docs/protocol.md §9). */

import { IotmcError } from '../contract/errors'
import { jobNote } from '../contract/job-notes'
import { derBlocks, sha256Hex } from '../identity/pem'
import {
  checkAuthority,
  checkComplete,
  checkLabel,
  checkReadBack,
  hasCertificate,
  hasReached,
  paramOf,
} from './inject-checks'
import type { InjectRun } from './inject-run'
import type { StepContext } from './step'

type Step = (run: InjectRun, ctx: StepContext) => Promise<void>

const ON_RECORD = jobNote('on-record')
const WIPE_NONCE_BYTES = 32

export const connect: Step = async (run, ctx) => {
  const { info } = await run.meet(ctx, true)
  // A number that is not reserved yet has no row to write into.
  if (run.own) await run.journalled('connect', async () => undefined)
  const { model, hardwareRevision: revision, firmwareVersion: version, keyStorage: storage } = info
  ctx.note(jobNote('board-blank', { model, revision, version, storage }))
}

export const reserve: Step = async (run, ctx) => {
  const { info } = await run.meet(ctx)
  const { serialNumber, job } = run
  const { udn } = run.ledger.reserve({
    serialNumber,
    model: info.model,
    hardwareId: paramOf(job, 'hardwareId'),
    keyStorage: info.keyStorage,
    operator: paramOf(job, 'operator'),
    lane: paramOf(job, 'lane'),
  })
  const { hardwareRevision, firmwareVersion } = info
  await run.journalled('reserve', async () => ({ hardwareRevision, firmwareVersion }))
  ctx.note(udn)
}

export const keygen: Step = async (run, ctx) => {
  const { info } = await run.meet(ctx, true)
  const { unit } = run
  if (hasReached(unit, 'keyed') && info.hasKey && isOurs(run, info)) return ctx.note(ON_RECORD)
  if (unit.publicKeySha256 !== undefined && !info.hasKey)
    throw new IotmcError('OTHER_DEVICE', {
      subject: run.serialNumber,
      detail: 'the device has lost the key that its certificate is for: burn this number',
    })
  await run.journalled('keygen', async () => {
    if (info.hasKey && !isOurs(run, info)) await forgetBurned(run, ctx)
    await run.askForRequest(ctx)
    return undefined
  })
  ctx.note(`P-256, ${info.keyStorage}`)
}

const isOurs = (
  run: InjectRun,
  info: { serialNumber?: string | undefined; udn?: string | undefined },
): boolean => info.serialNumber === run.unit.serialNumber && info.udn === run.unit.udn

/** A board whose earlier number was burned here starts anew. Errors: OTHER_DEVICE for any other key that is not ours. */
const forgetBurned = async (run: InjectRun, ctx: StepContext): Promise<void> => {
  const { device, info } = await run.meet(ctx)
  const before = info.serialNumber === undefined ? undefined : run.ledger.unit(info.serialNumber)
  if (before?.state !== 'burned' || before.udn !== info.udn)
    throw new IotmcError('OTHER_DEVICE', {
      subject: run.serialNumber,
      detail: `the device has a key for ${info.serialNumber ?? 'another number'}`,
    })
  await device.wipe({ nonce: run.tools.random.bytes(WIPE_NONCE_BYTES) }, ctx.signal)
}

export const checkRequest: Step = async (run, ctx) => {
  if (run.certificate) return ctx.note(ON_RECORD)
  await run.journalled('check-request', async () => {
    const { publicKeySha256 } = await run.checkedRequest(ctx)
    ctx.note(`key ${publicKeySha256.slice(0, 16)}`)
    return undefined
  })
}

export const issue: Step = async (run, ctx) => {
  await run.journalled('issue', async () => {
    const { fingerprint } = run.certificate ?? (await signed(run, ctx))
    ctx.note(`IDevID ${fingerprint.slice(0, 23)}`)
    return undefined
  })
}

/** Serial number and moment are promised before they are signed: a stop in between leads to the same certificate. */
const signed = async (run: InjectRun, ctx: StepContext) => {
  const { tools, ledger, unit } = run
  const { serialNumber, udn, model } = unit
  const station = checkAuthority(tools.authority(), tools.clock.now())
  const csr = await run.checkedRequest(ctx)
  const promise = ledger.reserveCertificate(serialNumber, {
    publicKeySha256: csr.publicKeySha256,
    csrDer: csr.der,
    authorityFingerprint: station.fingerprint,
    quota: station.quota,
  })
  if ('pem' in promise) return promise
  const { pem, chainPem, fingerprint } = await station.authority.issueIdevid({
    csr,
    udn,
    serialNumber,
    model,
    now: new Date(promise.atMs),
    certificateSerial: promise.certificateSerial,
    hardwareType: tools.config().hardwareType,
  })
  return ledger.issued(serialNumber, { pem, chainPem, fingerprint })
}

export const install: Step = async (run, ctx) => {
  const { info } = await run.meet(ctx, true)
  const { pem } = certificateOf(run)
  if (hasReached(run.unit, 'installed') && hasCertificate(info, pem)) return ctx.note(ON_RECORD)
  await run.journalled('install', () => send(run, ctx))
}

const send = async (run: InjectRun, ctx: StepContext) => {
  const { device } = await run.meet(ctx)
  const { chainPem } = certificateOf(run)
  const sha256 = await device.install(chainPem, ctx.signal, (done, total) => ctx.progress(done, total))
  const certificates = derBlocks(chainPem, 'CERTIFICATE')
  const { length: bytes } = Buffer.concat(certificates)
  ctx.note(jobNote('certificates-bytes', { count: certificates.length, bytes }))
  return { readBackSha256: sha256.toString('hex') }
}

export const readBack: Step = async (run, ctx) => {
  const { device, info } = await run.meet(ctx, true)
  const { pem, chainPem } = certificateOf(run)
  await run.journalled('read-back', async () => {
    // A power cut may undo what a device had said was stored.
    if (!hasCertificate(info, pem)) await send(run, ctx)
    const chain = await device.readChain(ctx.signal, (done, total) => ctx.progress(done, total))
    checkReadBack(chain, chainPem, run.serialNumber)
    const [leaf] = chain
    return leaf ? { readBackSha256: sha256Hex(leaf) } : undefined
  })
  ctx.note(jobNote('every-byte'))
}

export const selfTest: Step = async (run, ctx) => {
  const { device } = await run.meet(ctx)
  const [leaf] = derBlocks(certificateOf(run).pem, 'CERTIFICATE')
  await run.journalled('self-test', async () => {
    if (leaf) await device.challenge(leaf, run.unit.udn, ctx.signal)
    return undefined
  })
  ctx.note(jobNote('key-answered'))
}

export const lock: Step = async (run, ctx) => {
  // A device that is locked passed the check only if this very unit was about to be.
  const { device, info } = await run.meet(ctx, true)
  await run.journalled('lock', async () => {
    if (!info.locked) await device.lock(ctx.signal)
    return undefined
  })
}

export const complete: Step = async (run, ctx) => {
  const { device, info } = await run.meet(ctx, true)
  const { job, tools, serialNumber } = run
  run.ledger.begin(serialNumber, 'complete')
  checkComplete(info, certificateOf(run).pem, serialNumber)
  const label = await device.label(ctx.signal)
  checkLabel(label, run.unit)
  tools.completed(job, run.ledger.done(serialNumber, 'complete'), label)
  ctx.note(jobNote('locked'))
}

const certificateOf = (run: InjectRun) => {
  const { certificate } = run
  if (certificate) return certificate
  throw new IotmcError('DEFECT', { subject: run.serialNumber, detail: 'no certificate on record' })
}
