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
const stationFolder = (folder: string) => join(folder, 'station')
export const ledgerFile = (folder: string) => join(folder, 'ledger.sqlite')

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

export const openAuthority = async (folder: string): Promise<StationAuthority> => {
  const { passphrase } = KEYS
  const authority = await openStationAuthority(await Vault.open(stationFolder(folder), { passphrase }))
  if (!authority) throw new Error('no station here')
  return authority
}

export const openLedger = (folder: string, authority?: StationAuthority): Ledger =>
  Ledger.open(ledgerFile(folder), {
    clock: systemClock,
    station: 'Station 1',
    signer: () => authority?.signer,
  })

export interface LineOptions {
  readonly folder: string
  readonly lend: InjectTools['device']
  readonly config?: StationConfig
  readonly concurrency?: number
  /** Put around the parts of a station, to strike at them. */
  readonly around?: {
    readonly ledger: (ledger: Ledger) => Ledger
    readonly plan: (plan: readonly StepPlan[], job: Job) => readonly StepPlan[]
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
  const authority = await openAuthority(folder)
  const ledger = openLedger(folder, authority)
  const records = Records.open(join(folder, 'records.sqlite'))
  const log = keepingLog()
  const labels = new Map<string, LabelFacts>()
  const seen = around?.ledger(ledger) ?? ledger
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
    plan: (job) => around?.plan(injectPlan(tools, job), job) ?? injectPlan(tools, job),
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
