/** The log view: what is looked for, the pages that came, and how much of each device's log is stored here. */
import { create } from 'zustand'
import type {
  LogFilter,
  LogFormat,
  LogPage,
  LogStand,
  StoredRecord,
} from '../../electron/contract/device-log'
import { asCallError, type CallError, call, listen } from '../bridge'
import { isExact, joinNew, joinPage, type LogSpan, spanStart } from '../model/log'
import { reload } from './jobs'

const PAGE = 200
const MEANWHILE_MAX = 2_000
/** A letter more is typed sooner than this. */
const TYPING_MS = 200

export interface LogSearch {
  /** One device, or all when undefined. */
  readonly udn: string | undefined
  readonly maxSeverity: number
  readonly span: LogSpan
  readonly text: string
}
export const ALL_LOGS: LogSearch = { udn: undefined, maxSeverity: 7, span: 'all', text: '' }

interface LogView {
  readonly search: LogSearch
  /** Of the last answer; `exact` = no filter hides anything of the devices. */
  readonly filter: LogFilter
  readonly records: readonly StoredRecord[]
  readonly more: boolean
  readonly total: number | undefined
  readonly tookMs: number | undefined
  readonly state: 'idle' | 'searching' | 'paging'
  readonly error: CallError | undefined
  readonly stands: ReadonlyMap<string, LogStand>
}

const EMPTY: LogView = {
  search: ALL_LOGS,
  filter: {},
  records: [],
  more: false,
  total: undefined,
  tookMs: undefined,
  state: 'idle',
  error: undefined,
  stands: new Map(),
}

export const useLog = create<LogView>(() => EMPTY)
const { setState, getState } = useLog

/** The main process's words for a search. */
export const filterOf = (search: LogSearch, nowMs: number): LogFilter => {
  const fromMs = spanStart(search.span, nowMs)
  const text = search.text.trim()
  return {
    maxSeverity: search.maxSeverity,
    ...(search.udn === undefined ? {} : { udns: [search.udn] }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(text === '' ? {} : { text }),
  }
}

export const exactView = ({ filter }: Pick<LogView, 'filter'>): boolean => isExact(filter)

/** Counts the searches: an answer to an older one is dropped. */
let asked = 0
/** What was stored while a search ran: its answer may not know of it yet. */
let meanwhile: StoredRecord[] = []
let typing: ReturnType<typeof setTimeout> | undefined

/** Searches anew from the newest record. */
export const searchLog = async (nowMs = Date.now()): Promise<void> => {
  clearTimeout(typing)
  asked += 1
  const mine = asked
  meanwhile = []
  const filter = filterOf(getState().search, nowMs)
  setState({ state: 'searching', error: undefined })
  try {
    const page = await call('log.query', { ...filter, limit: PAGE })
    if (mine !== asked) return
    setState({
      filter,
      records: page.records,
      more: page.more,
      total: page.total,
      tookMs: page.tookMs,
      state: 'idle',
    })
    join(meanwhile)
  } catch (thrown) {
    if (mine === asked) setState({ state: 'idle', error: asCallError(thrown) })
  }
}

/** Changes what is looked for; letters are waited for, everything else is searched at once. */
export const setSearch = (change: Partial<LogSearch>): void => {
  setState(({ search }) => ({ search: { ...search, ...change } }))
  clearTimeout(typing)
  if ('text' in change) typing = setTimeout(() => void searchLog(), TYPING_MS)
  else void searchLog()
}

/** The next page, behind the last record shown. */
export const loadMore = async (): Promise<void> => {
  const { records, more, state, filter } = getState()
  const last = records.at(-1)
  if (!more || !last || state !== 'idle') return
  const mine = asked
  setState({ state: 'paging' })
  try {
    const before = { timeMs: last.timeMs, position: last.position }
    const page: LogPage = await call('log.query', { ...filter, before, limit: PAGE })
    if (mine !== asked) return
    setState({ records: joinPage(getState().records, page), more: page.more, state: 'idle' })
  } catch (thrown) {
    if (mine === asked) setState({ state: 'idle', error: asCallError(thrown) })
  }
}

const putStand = (stand: LogStand) =>
  setState(({ stands }) => ({ stands: new Map(stands).set(stand.udn, stand) }))

/** New records join what is shown without a search. */
export const takeStored = (stand: LogStand, fresh: readonly StoredRecord[]): void => {
  putStand(stand)
  const { state, tookMs } = getState()
  if (state === 'searching') meanwhile = [...fresh, ...meanwhile].slice(0, MEANWHILE_MAX)
  // Nothing was searched for yet: the first search brings them.
  if (tookMs !== undefined) join(fresh)
}

const join = (fresh: readonly StoredRecord[]): void => {
  const { records, filter, more, total } = getState()
  const { records: next, joined, cut } = joinNew(records, fresh, filter, more)
  if (joined > 0)
    setState({
      records: next,
      // What no longer has room here is still stored: no hole, but more to ask for.
      more: more || cut,
      ...(total === undefined ? {} : { total: Math.min(total + joined, 1_000_000) }),
    })
}

/** Asks how much is stored and follows what is added. Returns how to stop. */
export const openLog = async (): Promise<() => void> => {
  asked += 1
  setState(EMPTY)
  const stop = listen('log.stored', ({ stand, records }) => takeStored(stand, records))
  const stands = await call('log.stand')
  setState({ stands: new Map(stands.map((one) => [one.udn, one])) })
  return () => {
    clearTimeout(typing)
    stop()
  }
}

/** Starts fetching; `clear` also clears on the devices what is stored here then. Throws CallError. */
export const fetchLogs = async (udns: readonly string[], clear: boolean): Promise<readonly string[]> => {
  const ids = await call('log.fetch', { udns: [...udns], clear })
  await reload()
  return ids
}

/** Follows a device's log, or stops. Throws CallError. */
export const tailLog = async (udn: string, on: boolean): Promise<void> => {
  await call('log.tail', { udn, on })
  const stand = getState().stands.get(udn)
  if (stand) putStand({ ...stand, tail: on })
}

/** Saves what the search finds; where to, or undefined when the dialog was closed. Throws CallError. */
export const exportLog = async (format: LogFormat): Promise<string | undefined> => {
  const answer = await call('log.export', { filter: filterOf(getState().search, Date.now()), format })
  return answer.saved ? (answer.path ?? '') : undefined
}

/** The newest records of one device, for its drawer. Throws CallError. */
export const latestOf = async (udn: string, limit: number): Promise<readonly StoredRecord[]> =>
  (await call('log.query', { udns: [udn], limit })).records

/** The device writes its log to the storage that is plugged in there, under a name of this moment. Throws CallError. */
export const writeOnDevice = (udn: string): Promise<{ readonly file: string; readonly written: number }> =>
  call('log.exportOnDevice', {
    udn,
    target: `log-${new Date()
      .toISOString()
      .replace(/[^0-9]/g, '')
      .slice(0, 14)}.jsonl`,
  })
