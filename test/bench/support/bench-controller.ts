/** The controller of a site that is set up for a benchmark. */
import { type Controller, createController } from '../../../electron/controller'
import { openSettings } from '../../../electron/store/settings'
import { BENCH_PASSPHRASE } from './data-folder'
import { quietLog } from './quiet'

/** A site in `dataDir` on the loopback that trusts `rootPem`. */
export const openBenchController = async (dataDir: string, rootPem: string): Promise<Controller> => {
  const controller = await createController({
    dataDir,
    practice: false,
    passphrase: BENCH_PASSPHRASE,
    openSettings: (dir) => openSettings(dir),
    log: quietLog,
  })
  const people = { technician: 'Bench', siteName: 'Bench', passphrase: BENCH_PASSPHRASE }
  await controller.setup({ ...people, interfaces: ['lo'] })
  controller.trustAdd(rootPem)
  return controller
}
