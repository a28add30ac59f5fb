/** `factory authority …`: the offline root, the station's request, its signing and installing. Each may be on another laptop. */
import { IotmcError } from '../contract/errors'
import type { AuthorityView } from '../contract/factory'
import { printJson, printLine } from './output'
import { type SiteOptions, withController } from './with-controller'
import { readText, writeOut } from './write-out'

export interface RootOptions extends SiteOptions {
  readonly rootPassphraseFile?: string
}

const takeRootPassphrase = (options: RootOptions): string => {
  const fromEnvironment = process.env.IOTMC_ROOT_PASSPHRASE
  delete process.env.IOTMC_ROOT_PASSPHRASE
  const passphrase = options.rootPassphraseFile
    ? readText(options.rootPassphraseFile).replace(/\r?\n$/, '')
    : fromEnvironment
  if (!passphrase || passphrase.length < 8)
    throw new IotmcError('USAGE', {
      detail:
        'the root has a passphrase of its own, 8 characters or more: set IOTMC_ROOT_PASSPHRASE or give --root-passphrase-file',
    })
  return passphrase
}

const print = (view: AuthorityView, options: SiteOptions): void => {
  if (options.json) {
    printJson(view)
    return
  }
  printLine(`state        ${view.state}`)
  if (view.commonName) printLine(`station      ${view.commonName}  ${view.fingerprint ?? ''}`)
  if (view.rootName) printLine(`root         ${view.rootName}  ${view.rootFingerprint ?? ''}`)
  if (view.notAfter) printLine(`until        ${view.notAfter}`)
  printLine(`issued       ${view.issued}${view.quota === undefined ? '' : ` of ${view.quota}`}`)
  if (view.rootHere) printLine(`root here    ${view.rootHere.commonName}  ${view.rootHere.fingerprint}`)
}

export const authorityStatus = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => print(controller.factory().authority.view(), options))

/** Makes the root in a vault of its own, and writes its certificate for those who shall trust it. */
export const rootCreate = (
  options: RootOptions & { readonly name: string; readonly out?: string },
): Promise<void> => {
  const passphrase = takeRootPassphrase(options)
  return withController(options, async (controller) => {
    const view = await controller.factory().authority.createRoot({ commonName: options.name, passphrase })
    if (options.out && view.rootHere) writeOut(options.out, view.rootHere.pem)
    print(view, options)
  })
}

export const rootExport = (options: SiteOptions & { readonly out: string }): Promise<void> =>
  withController(options, async (controller) => {
    const { rootHere } = controller.factory().authority.view()
    if (!rootHere) throw new IotmcError('AUTHORITY_MISSING', { detail: 'there is no root on this laptop' })
    writeOut(options.out, rootHere.pem)
  })

/** The station's request; asked again it is the same until an answer is installed. */
export const authorityRequest = (
  options: SiteOptions & { readonly name: string; readonly out: string },
): Promise<void> =>
  withController(options, async (controller) => {
    const view = await controller.factory().authority.request(options.name)
    writeOut(options.out, view.requestPem ?? '')
    print(view, options)
  })

export interface SignOptions extends RootOptions {
  readonly request: string
  readonly out: string
  readonly quota: string
  readonly days: string
}

/** The root of this laptop signs a request. */
export const authoritySign = (options: SignOptions): Promise<void> => {
  const passphrase = takeRootPassphrase(options)
  const requestPem = readText(options.request)
  const quota = count('quota', options.quota, 10_000_000)
  const days = count('days', options.days, 7300)
  return withController(options, async (controller) => {
    const { chainPem, ...about } = await controller
      .factory()
      .authority.sign({ requestPem, passphrase, quota, days })
    writeOut(options.out, chainPem)
    if (options.json) printJson(about)
    else printLine(`${about.subject}  ${about.fingerprint}`)
  })
}

const count = (name: string, text: string, max: number): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new IotmcError('USAGE', { detail: `--${name} must be 1 to ${max}` })
  return value
}

export const authorityInstall = (file: string, options: SiteOptions): Promise<void> => {
  const chainPem = readText(file)
  return withController(options, async (controller) =>
    print(await controller.factory().authority.install(chainPem), options),
  )
}
