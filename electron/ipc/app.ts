/** Calls about the program itself: status, first run, unlocking, practice, settings, interfaces, quitting. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

export type AppCalls =
  | 'app.status'
  | 'app.setup'
  | 'app.unlock'
  | 'app.quitAnswer'
  | 'network.interfaces'
  | 'settings.get'
  | 'settings.set'
  | 'practice.start'

/** `quitAnswer` goes to the host's quit guard; all else to the controller. */
export const appHandlers = (
  controller: ControllerApi,
  quitAnswer: (quit: boolean) => void,
): Pick<Handlers, AppCalls> => ({
  'app.status': () => controller.status(),
  'app.setup': (request) => controller.setup(request),
  'app.unlock': ({ passphrase }) => controller.unlock(passphrase),
  'app.quitAnswer': ({ quit }) => quitAnswer(quit),
  'network.interfaces': () => controller.interfaces(),
  'settings.get': () => controller.settings(),
  'settings.set': (patch) => controller.setSettings(patch),
  'practice.start': () => controller.startPractice(),
})
