/** Where everything of one site lies on this laptop. */
import { homedir } from 'node:os'
import { join } from 'node:path'

const APP_FOLDER = 'IoTMC Technician'

/** Absolute paths inside one data folder. */
export interface DataPaths {
  readonly root: string
  readonly settings: string
  readonly records: string
  readonly vault: string
  /** Certificates that anyone on this laptop may read. */
  readonly publicFolder: string
  readonly siteCa: string
  readonly practiceFactory: string
  /** Everything of the factory station. */
  readonly factoryFolder: string
  readonly ledger: string
  /** The factory root, where this laptop keeps one: a vault of its own. */
  readonly factoryRoot: string
  readonly stationConfig: string
  /** The library of firmware bundles. */
  readonly firmwareFolder: string
  /** Logs and health of devices: large, and of no use without the records. */
  readonly diagnostics: string
  /** One folder for each report that was made. */
  readonly reportsFolder: string
  /** One folder for each certificate of decommissioning. */
  readonly certificatesFolder: string
  /** The program's own log. */
  readonly logsFolder: string
  readonly lock: string
}

/** The layout of a data folder; makes nothing. */
export const dataPaths = (dataDir: string): DataPaths => ({
  root: dataDir,
  settings: join(dataDir, 'settings.json'),
  records: join(dataDir, 'records.sqlite'),
  vault: join(dataDir, 'vault'),
  publicFolder: join(dataDir, 'public'),
  siteCa: join(dataDir, 'public', 'site-ca.pem'),
  practiceFactory: join(dataDir, 'practice-factory'),
  factoryFolder: join(dataDir, 'factory'),
  ledger: join(dataDir, 'factory', 'ledger.sqlite'),
  factoryRoot: join(dataDir, 'factory', 'root'),
  stationConfig: join(dataDir, 'factory', 'station.json'),
  firmwareFolder: join(dataDir, 'firmware'),
  diagnostics: join(dataDir, 'diagnostics.sqlite'),
  reportsFolder: join(dataDir, 'reports'),
  certificatesFolder: join(dataDir, 'decommissioned'),
  logsFolder: join(dataDir, 'logs'),
  lock: join(dataDir, 'lock'),
})

/** IOTMC_DATA, or the folder this platform keeps application data in. */
export const defaultDataDir = (
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string => {
  if (env.IOTMC_DATA) return env.IOTMC_DATA
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), APP_FOLDER)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', APP_FOLDER)
  return join(env.XDG_CONFIG_HOME ?? join(home, '.config'), APP_FOLDER)
}
