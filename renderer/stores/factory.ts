/** What the factory's screen knows besides the station itself: ledger figures, ports, printers; and its commands. */
import { create } from 'zustand'
import type {
  AuthorityView,
  LedgerCheck,
  LedgerSummary,
  NewRange,
  Person,
  StationConfig,
  Unit,
} from '../../electron/contract/factory'
import type { CallRequest } from '../../electron/contract/ipc'
import type { SerialPortList } from '../../electron/contract/serial'
import { call } from '../bridge'
import { takeView, useStation } from './station'

export const FACTORY_TABS = ['authority', 'numbers', 'people', 'lanes', 'label', 'ledger'] as const
export type FactoryTab = (typeof FACTORY_TABS)[number]

interface Factory {
  readonly tab: FactoryTab
  readonly summary: LedgerSummary | undefined
  readonly ports: SerialPortList | undefined
  readonly printers: readonly string[]
}

export const useFactory = create<Factory>(() => ({
  tab: 'authority',
  summary: undefined,
  ports: undefined,
  printers: [],
}))

const { setState } = useFactory

export const showFactoryTab = (tab: FactoryTab): void => setState({ tab })

export const loadSummary = async (): Promise<void> => setState({ summary: await call('ledger.summary') })
export const loadPorts = async (): Promise<void> => setState({ ports: await call('serial.ports') })
export const loadPrinters = async (): Promise<void> => setState({ printers: await call('station.printers') })

/** The next number and the checks of the station follow from the ledger. */
const takeSummary = async (summary: LedgerSummary): Promise<void> => {
  setState({ summary })
  takeView(await call('station.open'))
}

export const addRange = async (range: NewRange): Promise<void> =>
  takeSummary(await call('ledger.addRange', range))

export type TakeOut = 'burn' | 'scrap'

/** burn withdraws a number before its device is complete, scrap records the end of a complete device. */
export const takeOut = async (how: TakeOut, serialNumber: string, reason: string): Promise<void> =>
  takeSummary(await call(`ledger.${how}`, { serialNumber, reason }))

export const findUnits = (search: string, limit: number): Promise<readonly Unit[]> =>
  call('ledger.units', { search, limit })

export const verifyLedger = (): Promise<LedgerCheck> => call('ledger.verify')

/** Where it was saved; undefined when the dialog was closed. */
export const exportLedger = async (format: 'csv' | 'jsonl'): Promise<string | undefined> =>
  savedPath(await call('ledger.export', { format }))

const savedPath = ({ saved, path }: { saved: boolean; path?: string | undefined }): string | undefined =>
  saved ? (path ?? '') : undefined

/** Saves public text where a dialog says; undefined when it was closed. */
export const saveText = async (name: string, text: string): Promise<string | undefined> =>
  savedPath(await call('file.save', { name, text }))

const takeAuthority = (authority: AuthorityView): void => {
  const { view } = useStation.getState()
  if (view) takeView({ ...view, authority })
}

export const createRoot = async (commonName: string, passphrase: string): Promise<void> =>
  takeAuthority(await call('authority.createRoot', { commonName, passphrase }))

export const requestAuthority = async (commonName: string): Promise<void> =>
  takeAuthority(await call('authority.request', { commonName }))

export const signRequest = (request: CallRequest<'authority.sign'>) => call('authority.sign', request)

export const installAuthority = async (chainPem: string): Promise<void> =>
  takeAuthority(await call('authority.install', { chainPem }))

export const configureStation = async (change: Partial<StationConfig>): Promise<void> =>
  takeView(await call('station.configure', change))

export const addPerson = async (person: Person, pin: string): Promise<void> =>
  takeView(await call('station.addPerson', { ...person, pin }))

export const removePerson = async (name: string): Promise<void> =>
  takeView(await call('station.removePerson', { name }))

/** Locks the window into the station; the program's stage changes with it. */
export const enterStation = async (): Promise<void> => takeView(await call('station.enter'))
