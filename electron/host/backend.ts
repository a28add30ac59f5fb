/** Everything behind the window that is heavy to load: log, settings, controller, handlers. Imported after the window opens. */
import { join } from 'node:path'
import { app } from 'electron'
import Store from 'electron-store'
import type { IpcResult } from '../contract/ipc'
import { type Controller, createController } from '../controller'
import { connect } from '../ipc/connect'
import { dispatch } from '../ipc/dispatch'
import { eventSender } from '../ipc/events'
import type { Gate } from '../ipc/gate'
import { type Log, openLog } from '../log'
import { openSettings } from '../store/settings'
import { createDesk } from './desk'
import { osKeyStore } from './key-store'
import type { RunningJobs } from './quit-guard'
import type { MainWindow } from './window'

export interface Backend {
  readonly log: Log
  dispatch(name: unknown, request: unknown): Promise<IpcResult<unknown>>
  running(): RunningJobs
  deviceCount(): number
  /** Whether the factory station is locked on: its window is not closed by hand. */
  stationActive(): boolean
  /** Shows the quit guard in the page; false = the page cannot be reached. */
  askToQuit(jobs: RunningJobs): boolean
  close(): Promise<void>
}

export interface BackendOptions {
  readonly dataDir: string
  readonly practice: boolean
  readonly passphrase: string | undefined
  readonly window: MainWindow
  readonly quitAnswer: (quit: boolean) => void
}

/**
 * How a reference device of the practice site is started: this very program, as plain Node. In a package the script is
 * inside app.asar, which Electron reads in this mode too; unpacked it would miss the chunks it shares with this one.
 */
const deviceProgram = () => ({
  command: process.execPath,
  args: [join(app.getAppPath(), 'out/main/device.js')],
  env: { ELECTRON_RUN_AS_NODE: '1' },
})

const makeController = async (o: BackendOptions, log: Log): Promise<Controller> => {
  const keyStore = osKeyStore()
  const controller = await createController({
    dataDir: o.dataDir,
    practice: o.practice,
    openSettings: (dataDir) =>
      openSettings(dataDir, (options) => new Store({ ...options, name: options.configName })),
    log,
    deviceProgram: deviceProgram(),
    desk: createDesk(o.window.browser),
    ...(keyStore === undefined ? {} : { osKeyStore: keyStore }),
    ...(o.passphrase === undefined ? {} : { passphrase: o.passphrase }),
  })
  o.window.setTheme(controller.settings().theme)
  controller.on('settings', ({ theme }) => o.window.setTheme(theme))
  return controller
}

/** Starts the controller at once. Never throws: if it cannot be made, each call from the page answers with the reason. */
export const startBackend = (o: BackendOptions): Backend => {
  const log = openLog(o.dataDir)
  log.info(
    { version: app.getVersion(), electron: process.versions.electron, platform: process.platform },
    'started',
  )
  const send = eventSender(
    () => (o.window.browser.isDestroyed() ? undefined : o.window.browser.webContents),
    log,
  )
  let made: Controller | undefined
  // Asked when it counts: a call that came while the controller was being made is judged by what it has become.
  const gate: Gate = {
    stationLocked: () => made?.stationActive() ?? false,
    accounts: () => made?.accountsIfOpen(),
  }
  const controller = makeController(o, log)
  const handlers = controller.then((ready) => {
    made = ready
    return connect(ready, send, o.quitAnswer)
  })
  handlers.catch((err: unknown) => log.error({ err }, 'controller could not be made'))
  return {
    log,
    dispatch: (name, request) => dispatch(() => handlers, name, request, log, gate),
    running: () =>
      (made?.jobs() ?? [])
        .filter((job) => job.state === 'running')
        .map(({ id, kind, subject }) => ({ id, kind, subject })),
    deviceCount: () => made?.devices().length ?? 0,
    stationActive: () => made?.stationActive() ?? false,
    // Which devices they are is nobody's business who has not signed in.
    askToQuit: (jobs) =>
      send(
        'app.quitAsked',
        made?.accountsIfOpen()?.stage() === 'sign-in' ? jobs.map((job) => ({ ...job, subject: '' })) : jobs,
      ),
    close: async () => {
      await (await controller.catch(() => undefined))?.close()
      log.info({}, 'closed')
      log.close()
    },
  }
}
