/** The first part of a device's life: a blank board gets its identity over a serial line, and its network over the same. */
import type { Job } from '../../electron/contract/job'
import type { Controller } from '../../electron/controller'

const ROOT_PASSPHRASE = 'demo-only-root'
const MODEL = 'PX-200'

export interface FactoryDemo {
  readonly controller: Controller
  /** Where the blank board answers. */
  readonly path: string
  tell(text: string): void
  need(fact: boolean, what: string): void
  ended(jobId: string): Promise<Job>
}

/** An authority below a root, and a range of serial numbers. */
const setUp = async ({ controller, tell }: FactoryDemo): Promise<void> => {
  const { authority } = controller.factory()
  await authority.createRoot({ commonName: 'Demo root', passphrase: ROOT_PASSPHRASE })
  const { requestPem = '' } = await authority.request('Demo line')
  const limits = { passphrase: ROOT_PASSPHRASE, quota: 10, days: 1 }
  const { chainPem } = await authority.sign({ requestPem, ...limits })
  await authority.install(chainPem)
  controller.factory().addRange({ model: MODEL, prefix: 'PX200-', digits: 5, first: 9000, last: 9009 })
  tell('factory: root made, station authority signed and installed, serial numbers released')
}

/** From blank to a device that waits to be commissioned; its UDN. */
export const runFactory = async (demo: FactoryDemo): Promise<string> => {
  const { controller, path, tell, need, ended } = demo
  await setUp(demo)
  const floor = controller.factory()
  const { jobId } = await floor.injectOne({ path, operator: 'Demo', model: MODEL })
  const job = await ended(jobId)
  const unit = floor.unit(job.subject)
  need(unit?.state === 'complete', `factory: ${job.subject} has its identity, complete in the ledger`)
  const check = await floor.verifyLedger()
  need(check.ok, `factory: ledger verifies, ${check.entries} entries, ${check.checkpoints} checkpoints`)

  const device = await controller.lookSerial(path)
  need(device.check?.trusted === true, `bench: ${job.subject} proves its IDevID over the cable`)
  await ended(controller.provision({ via: 'serial', path, ssid: '', credential: '' }))
  tell(`bench: ${job.subject} knows its network and its site`)
  return unit?.udn ?? ''
}
