/** Joins a controller with the window: all handlers of calls, and the controller's events on their way out. */

import { systemClock } from '../net/clock'
import { accessHandlers } from './access'
import { appHandlers } from './app'
import type { ControllerApi } from './controller-api'
import { DeviceFeed } from './device-feed'
import { deviceHandlers } from './devices'
import type { Handlers } from './dispatch'
import type { SendEvent } from './events'
import { factoryHandlers } from './factory'
import { firmwareHandlers } from './firmware'
import { gatedSend, gateOf } from './gate'
import { jobHandlers } from './jobs'
import { lifeHandlers } from './life'
import { operationHandlers } from './operation'
import { siteHandlers } from './site'

/** Subscribes at once and returns the complete set of handlers. Nothing of the site is sent while nobody is signed in. */
export const connect = (
  controller: ControllerApi,
  sendAll: SendEvent,
  quitAnswer: (quit: boolean) => void,
): Handlers => {
  const send = gatedSend(gateOf(controller), sendAll)
  const feed = new DeviceFeed({
    clock: systemClock,
    devices: () => controller.devices(),
    send: (delta) => send('devices.delta', delta),
  })
  let site = controller.status().controllerUdn
  controller.on('status', (status) => {
    send('app.status', status)
    if (status.controllerUdn === site) return
    // Another site is open now (practice, first run, unlocked): what the window shows is the old one's.
    site = status.controllerUdn
    feed.restart()
    send('settings.changed', controller.settings())
    if (status.stage === 'ready') send('enrollment.changed', controller.enrollments())
  })
  controller.on('settings', (settings) => send('settings.changed', settings))
  controller.on('devices', (change) => feed.change(change))
  controller.on('station', (view) => send('station.changed', view))
  controller.on('firmwareLibrary', (library) => send('firmware.library', library))
  controller.on('rollouts', (views) => send('firmware.rollouts', [...views]))
  controller.on('boardRows', (rows) => send('firmware.rows', [...rows]))
  controller.on('health', (changed) => send('health.changed', [...changed]))
  controller.on('logStored', ({ stand, records }) => send('log.stored', { stand, records: [...records] }))
  controller.on('check', (check) => send('check.changed', check))
  controller.on('configuration', (plan) => send('configuration.changed', plan))
  controller.on('accounts', (view) => {
    const status = controller.status()
    // What is not sent would be missing afterwards: the window opens the list anew when somebody has signed in.
    if (status.stage === 'sign-in') feed.close()
    send('accounts.changed', view)
    send('app.status', status)
  })
  controller.on('works', (work) => send('work.changed', work))
  controller.on('batches', (batches) => send('batches.changed', [...batches]))
  controller.on('decommissions', (records) => send('decommission.changed', [...records]))
  controller.on('revocations', (list) => send('revocation.changed', list))
  controller.on('jobs', (jobs) => send('jobs.changed', [...jobs]))
  controller.on('jobsGone', (ids) => send('jobs.gone', [...ids]))
  controller.on('enrollments', (list) => send('enrollment.changed', [...list]))
  return {
    ...appHandlers(controller, quitAnswer),
    ...deviceHandlers(controller, feed),
    ...siteHandlers(controller),
    ...jobHandlers(controller),
    ...factoryHandlers(controller),
    ...firmwareHandlers(controller),
    ...operationHandlers(controller),
    ...accessHandlers(controller),
    ...lifeHandlers(controller),
  }
}
