/** What a factory line has on its disk: a root, a station's authority below it, a ledger and a job journal. */
import { join } from 'node:path'
import { DEFAULT_STATION_CONFIG, type StationConfig } from '../../electron/contract/factory'
import type { Job } from '../../electron/contract/job'
import type { LabelFacts } from '../../electron/contract/label'
import {
  createRoot,
  installStation,
  openStationAuthority,
  requestStation,
  type StationAuthority,
  signStation,
} from '../../electron/factory/authority'
import { Ledger } from '../../electron/factory/ledger'
import { Vault } from '../../electron/identity/vault'
import { injectPlan } from '../../electron/jobs/inject'
import type { InjectTools } from '../../electron/jobs/inject-tools'
import { JobRunner, type StepPlan } from '../../electron/jobs/runner'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { Records } from '../../electron/store/records'
import { keepingLog } from './quiet-log'

export const LINE_CONFIG: StationConfig = { ...DEFAULT_STATION_CONFIG, model: 'PX-200' }

const KEYS = { passphrase: 'only-a-test-passphrase', scryptCost: 2 ** 14 }
const LEDGER_HEAD = 'ledger-head'
const stationFolder = (folder: string) => join(folder, 'station')

/** Makes root and station; the root's certificate, PEM. */
export const makeFactory = async (folder: string): Promise<string> => {
  const now = new Date()
  const root = join(folder, 'root')
  const { pem } = await createRoot(root, { commonName: 'Test Root', ...KEYS, now })
  const vault = await Vault.create(stationFolder(folder), KEYS)
  const requestPem = await requestStation(vault, { commonName: 'Station 1' })
  const { passphrase } = KEYS
  const answer = await signStation(root, { requestPem, passphrase, days: 365, quota: 100_000, now })
  await installStation(vault, answer.chainPem, { now })
  return pem
}

const openVault = (folder: string): Promise<Vault> =>
  Vault.open(stationFolder(folder), { passphrase: KEYS.passphrase })

/** The ledger with its head sealed in the vault, as a station has it. */
const openLedger = (folder: string, vault: Vault, authority: StationAuthority): Ledger =>
  Ledger.open(join(folder, 'ledger.sqlite'), {
    clock: systemClock,
    station: 'Station 1',
    signer: () => authority.signer,
    head: {
      read: () => vault.get(LEDGER_HEAD)?.toString('utf8'),
      write: (text) => vault.put(LEDGER_HEAD, Buffer.from(text)),
    },
  })

export interface LineOptions {
  readonly folder: string
  readonly lend: InjectTools['device']
  readonly config?: StationConfig
  readonly concurrency?: number
  /** Put around parts of the station, to strike at them. */
  readonly around?: {
    readonly ledger?: (ledger: Ledger) => Ledger
    readonly plan?: (plan: readonly StepPlan[], job: Job) => readonly StepPlan[]
  }
}

/** Opens the line of `folder`: ledger and journal on disk, jobs ready to start. */
export const openLine = async ({
  folder,
  lend,
  config = LINE_CONFIG,
  concurrency = 8,
  around,
}: LineOptions) => {
  const vault = await openVault(folder)
  const authority = await openStationAuthority(vault)
  if (!authority) throw new Error('no station here')
  const ledger = openLedger(folder, vault, authority)
  const records = Records.open(join(folder, 'records.sqlite'))
  const log = keepingLog()
  const labels = new Map<string, LabelFacts>()
  const seen = around?.ledger?.(ledger) ?? ledger
  const tools: InjectTools = {
    clock: systemClock,
    random: systemRandom,
    ledger: () => seen,
    authority: () => authority,
    config: () => config,
    device: lend,
    completed: (_job, unit, label) => labels.set(unit.serialNumber, label),
  }
  const runner = new JobRunner({
    clock: systemClock,
    journal: records.jobs,
    concurrency,
    plan: (job) => around?.plan?.(injectPlan(tools, job), job) ?? injectPlan(tools, job),
    log,
    kept: 10_000,
  })
  const close = async () => {
    await runner.stop()
    await ledger.settled()
    ledger.close()
    records.close()
  }
  return { authority, ledger, runner, labels, log, close }
}
