/**
 * The firmware repository behind a real endpoint, in a process of its own as in the app. Prints the port, then answers each
 * line on stdin with its peak resident memory in KiB; ends when stdin does.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { DEVICE_TYPE } from '../../../electron/contract/names'
import { FIRMWARE_PREFIX, Repository } from '../../../electron/firmware/repository'
import { TrustStore } from '../../../electron/identity/trust'
import { pathOf, UpnpEndpoint } from '../../../electron/upnp/endpoint'
import { bundleOf, type FirmwareServerInput } from './firmware-stage'

const input = JSON.parse(readFileSync(process.env.IOTMC_BENCH_INPUT ?? '', 'utf8')) as FirmwareServerInput
const bundle = bundleOf(input)
const files = { image: input.image, manifest: '/dev/null', signature: '/dev/null' }
const repository = new Repository({
  library: { get: (id) => (id === input.id ? bundle : undefined), files: () => files },
  offered: () => [input.id],
})
const trust = new TrustStore({
  roots: () => [input.rootPem],
  siteCa: () => undefined,
  crls: () => [],
  now: () => Date.now(),
})
const endpoint = new UpnpEndpoint({
  udn: input.udn,
  deviceType: DEVICE_TYPE.controller,
  friendlyName: 'Bench',
  manufacturer: 'Bench',
  model: 'Bench',
  serialNumber: 'BENCH-0',
  configId: () => 1,
  services: ['FirmwareRepository'],
  identity: input,
  clientCas: [input.rootPem],
  clientCertificate: 'required',
  hosts: ['127.0.0.1'],
  judgePeer: (chainDer) => trust.judge(chainDer),
})
endpoint.serve(FIRMWARE_PREFIX, async (req, res) => {
  await repository.serveFile(req, res, pathOf(req))
})
const { httpsPort } = await endpoint.start()
process.stdout.write(`${httpsPort}\n`)

const peakKib = (): string => /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
for await (const _ of createInterface({ input: process.stdin })) process.stdout.write(`${peakKib()}\n`)
await endpoint.close()
