/** `provision network` and `provision serial`: network and site into one device. Secrets never come from the command line. */
import { IotmcError } from '../contract/errors'
import { readLabelText } from '../contract/label'
import type { ProvisionRequest, SerialDevice } from '../contract/provision'
import type { Controller } from '../controller'
import { finish, report } from './device-commands'
import { printJson, printLine } from './output'
import { takeSecret } from './secrets'
import { type SiteOptions, untilEnded, withController } from './with-controller'

export interface ProvisionNetworkOptions extends SiteOptions {
  readonly udn: string
  /** Empty for a wired device. */
  readonly ssid: string
  /** File with the setup code, or with the text of a scanned label; default: IOTMC_SETUP_CODE, then a question. */
  readonly setupCodeFile?: string
  /** File with the network's password, empty for an open network; default: IOTMC_NETWORK_KEY, then a question. */
  readonly credentialFile?: string
}

export interface ProvisionSerialOptions extends SiteOptions {
  readonly port: string
  /** Empty for a wired device; without it the device is only looked at. */
  readonly ssid?: string
  readonly credentialFile?: string
}

/** Sends a device on its setup network to its own network, and waits for it there. */
export const provisionNetwork = async (options: ProvisionNetworkOptions): Promise<void> => {
  const { udn, ssid } = options
  const setupCode = codeFor(
    udn,
    await takeSecret('IOTMC_SETUP_CODE', options.setupCodeFile, 'Setup code or label: '),
  )
  const credential = await takeCredential(ssid, options.credentialFile)
  await withController(options, (controller) =>
    run(controller, { via: 'network', udn, setupCode, ssid, credential }, options),
  )
}

/** Gives the device at the end of a cable its network, or says what it is. */
export const provisionSerial = async (options: ProvisionSerialOptions): Promise<void> => {
  const { port: path, ssid } = options
  const credential = ssid === undefined ? '' : await takeCredential(ssid, options.credentialFile)
  await withController(options, async (controller) => {
    if (ssid === undefined) printDevice(await controller.lookSerial(path), options)
    else await run(controller, { via: 'serial', path, ssid, credential }, options)
  })
}

const run = async (
  controller: Controller,
  request: ProvisionRequest,
  options: SiteOptions,
): Promise<void> => {
  const json = options.json ?? false
  const id = await controller.provision(request)
  const ended = await untilEnded(controller, [id], (job) => {
    report(job, json)
    return 'go-on'
  })
  finish(ended, json)
}

const printDevice = (device: SerialDevice, options: SiteOptions): void => {
  if (options.json) {
    printJson(device)
    return
  }
  const { model, serialNumber, udn, firmwareVersion, phase, check } = device
  const trust = check ? (check.trusted ? 'trusted' : check.code) : 'no certificate'
  printLine([model, serialNumber, udn, firmwareVersion, phase, trust].filter(Boolean).join('  '))
}

/** The code itself, or that in the text of a label. OTHER_DEVICE for the label of another device. */
const codeFor = (udn: string, given: string): string => {
  const label = readLabelText(given)
  if (!label) return given
  if (label.udn === udn) return label.setupCode
  throw new IotmcError('OTHER_DEVICE', { subject: udn, detail: `the label is that of ${label.udn}` })
}

const takeCredential = (ssid: string, file: string | undefined): Promise<string> =>
  ssid === '' ? Promise.resolve('') : takeSecret('IOTMC_NETWORK_KEY', file, `Password of ${ssid}: `)
