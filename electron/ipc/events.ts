/** Events on their way to the window: checked against the contract, so that nothing else leaves. */
import type { WebContents } from 'electron'
import { EVENT_CHANNEL } from '../contract/channels'
import { EVENTS, type EventName, type EventPayload } from '../contract/ipc'
import type { Log } from '../site/events'

export type SendEvent = <N extends EventName>(name: N, payload: EventPayload<N>) => boolean

/** Makes the one sender of events. It returns false where the page cannot receive (gone or crashed). */
export const eventSender =
  (contents: () => WebContents | undefined, log: Log): SendEvent =>
  (name, payload) => {
    const target = contents()
    if (target === undefined || target.isDestroyed() || target.isCrashed()) return false
    const parsed = EVENTS[name].safeParse(payload)
    if (!parsed.success) {
      log.error({ event: name, path: parsed.error.issues[0]?.path.map(String) }, 'event breaks the contract')
      return false
    }
    target.send(EVENT_CHANNEL, name, JSON.stringify(parsed.data))
    return true
  }
