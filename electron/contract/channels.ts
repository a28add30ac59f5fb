/** The two raw channels between page and main process; all calls and events of ipc.ts travel inside them. Imports nothing: the preload uses it. */
export const CALL_CHANNEL = 'iotmc:call'
export const EVENT_CHANNEL = 'iotmc:event'
