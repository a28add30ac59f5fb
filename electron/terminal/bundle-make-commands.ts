/** `bundle make`: a diagnostics bundle of devices, of the site, or of this program. Ctrl+C ends it and leaves nothing. */
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { IotmcError } from '../contract/errors'
import { type BundleScope, bundleScopeSchema } from '../contract/report'
import type { BundleDesk } from '../site/bundle-desk'
import { untilHeard } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, withController } from './with-controller'

export interface BundleMakeOptions {
  readonly udn?: readonly string[]
  readonly site?: boolean
  readonly app?: boolean
  /** File or, where it ends in a slash, folder; default: the working folder. */
  readonly out?: string
  readonly json?: boolean
}

/** Of an open site, once the devices were heard or `seconds` have passed; of the program alone without a passphrase too. */
export const makeBundle = (
  options: BundleMakeOptions & SiteOptions & { readonly seconds: number },
): Promise<void> =>
  withController({ ...options, locked: options.app === true }, async (controller) => {
    if (!options.app) await untilHeard(controller, options.udn, options.seconds)
    await bundleMake(controller.bundles(), options)
  })

/** Errors: USAGE, DEVICE_UNKNOWN, CANCELLED, FILE_INVALID. */
export const bundleMake = async (desk: BundleDesk, options: BundleMakeOptions): Promise<void> => {
  const scope = scopeOf(options)
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    const { name, path } = await desk.make(scope, stop.signal)
    const out = placeOf(options.out, name)
    move(path, out)
    if (options.json) printJson({ out })
    else printLine(out)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

const scopeOf = ({ udn = [], site, app }: BundleMakeOptions): BundleScope => {
  const chosen = [udn.length > 0, site === true, app === true].filter(Boolean).length
  if (chosen !== 1) throw new IotmcError('USAGE', { detail: 'one of --udn, --site and --app is needed' })
  if (site) return { kind: 'site' }
  if (app) return { kind: 'app' }
  const scope = bundleScopeSchema.safeParse({ kind: 'devices', udns: udn })
  if (!scope.success) throw new IotmcError('USAGE', { detail: '--udn must be uuid:8-4-4-4-12 in lower case' })
  return scope.data
}

const placeOf = (out: string | undefined, name: string): string => {
  if (out === undefined) return resolve(name)
  return /[/\\]$/.test(out) ? join(resolve(out), name) : resolve(out)
}

/** Copied aside and renamed where the folder is on another disk: there is never half a file under its name. */
const move = (from: string, to: string): void => {
  const aside = `${to}.${process.pid}.tmp`
  try {
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(from, aside)
    renameSync(aside, to)
  } catch (cause) {
    rmSync(aside, { force: true })
    throw new IotmcError('FILE_INVALID', { subject: to, detail: 'cannot be written', cause })
  } finally {
    rmSync(from, { force: true })
  }
}
