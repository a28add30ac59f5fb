/** Tools of the two kinds of update job, made of the parts of an open site. */
import { readFileSync } from 'node:fs'
import { IotmcError } from '../contract/errors'
import { imageKeys } from '../firmware/bundle'
import { readSignature } from '../firmware/cms'
import type { Library } from '../firmware/library'
import type { DeviceLink } from '../jobs/device-link'
import type { UpdateTools } from '../jobs/update'
import type { UpdateSerialTools } from '../jobs/update-serial'
import type { Clock } from '../net/clock'
import type { FirmwareWatch } from './firmware-watch'
import type { Rollouts } from './rollouts'
import { openSerialDevice } from './serial-device'

export interface UpdateParts {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call' | 'state'>
  readonly watch: FirmwareWatch
  readonly library: Pick<Library, 'get'>
  readonly rollouts: Rollouts
  readonly isOnline: (udn: string) => boolean
  readonly remember: (udn: string, known: { readonly firmwareVersion: string }) => void
}

export const updateTools = (parts: UpdateParts): UpdateTools => {
  const { clock, link, watch, library, rollouts, isOnline, remember } = parts
  return {
    clock,
    gate: rollouts,
    isOnline,
    isHeard: (udn) => watch.isHeard(udn),
    onWake: (udn, listener) => watch.onWake(udn, listener),
    state: (udn, signal) => link.state(udn, signal),
    status: (udn, signal) => watch.status(udn, signal),
    call: (udn, action, args, signal) => link.call(udn, 'Firmware', action, args, signal),
    orderOf: (job) => rollouts.orderOf(job),
    requireBundle: (job) => void soundBundle(library, job.params.bundle ?? ''),
    tell: (job, news) => rollouts.heard(job, news),
    remember,
  }
}

/** Errors: BUNDLE_UNKNOWN, or what has become wrong with it. */
export const soundBundle = (library: Pick<Library, 'get'>, id: string) => {
  const bundle = library.get(id)
  if (!bundle) throw new IotmcError('BUNDLE_UNKNOWN', { subject: id.slice(0, 8) })
  const { problem, manifest } = bundle
  if (problem)
    throw new IotmcError(problem.code, {
      subject: `${manifest.model} ${manifest.version}`,
      ...(problem.detail ? { detail: problem.detail } : {}),
    })
  return bundle
}

export const serialTools = (
  clock: Clock,
  library: Library,
  portInUse: (path: string) => boolean,
  requireFree: UpdateSerialTools['requireFree'],
): UpdateSerialTools => ({
  clock,
  requireFree,
  openSerial: (path, signal) => openSerialDevice(clock, path, portInUse, signal),
  bundle: (id) => {
    if (!library.get(id)) return undefined
    const { manifest } = soundBundle(library, id)
    const files = library.files(id)
    const signature = readSignature(readFileSync(files.manifest), readFileSync(files.signature))
    return { manifest, imagePath: files.image, keys: imageKeys(signature) }
  },
})
