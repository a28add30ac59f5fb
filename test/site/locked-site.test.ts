/** A laptop whose vault is still locked: nobody can know who sits there. */
import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '../../electron/contract/settings'
import { type Controller, createController } from '../../electron/controller'
import { readCertificate } from '../../electron/identity/certificate'
import { Vault } from '../../electron/identity/vault'
import { openSiteIdentity } from '../../electron/site/site-identity'
import { dataPaths } from '../../electron/store/paths'
import { Records } from '../../electron/store/records'
import { openSettings } from '../../electron/store/settings'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'

let temp: ReturnType<typeof makeTempDir>
beforeEach(() => {
  temp = makeTempDir()
})
afterEach(() => temp.remove())

const newVault = (): Promise<Vault> =>
  Vault.create(dataPaths(temp.path).vault, { passphrase: 'correct horse', scryptCost: 2 ** 14 })

describe('before the passphrase was given', () => {
  let controller: Controller
  beforeEach(async () => {
    await newVault()
    openSettings(temp.path).set({ setupDone: true, technician: 'Operator 17' })
    const log = keepingLog()
    controller = await createController({ dataDir: temp.path, practice: false, openSettings, log })
  })
  afterEach(() => controller.close())

  it('only the look of the window can be changed', () => {
    expect(controller.status().stage).toBe('locked')
    expect(controller.setSettings({ language: 'de', theme: 'dark' })).toMatchObject({ language: 'de' })
    const policy: Settings['policy'] = { mode: 'zero-touch', defaultGroup: 'Default', rules: [] }
    const changes: Partial<Settings>[] = [{ technician: 'Somebody' }, { theme: 'light', policy }]
    for (const change of changes)
      expect(() => controller.setSettings(change)).toThrow(expect.objectContaining({ code: 'VAULT_LOCKED' }))
    expect(controller.settings()).toMatchObject({ technician: 'Operator 17', theme: 'dark' })
  })
})

it('the certificate of a site’s own controller says that it signs reports', async () => {
  const paths = dataPaths(temp.path)
  mkdirSync(temp.path, { recursive: true })
  const records = Records.open(paths.records)
  const names = { siteName: 'Example site', now: new Date() }
  const { controller, udn } = await openSiteIdentity(await newVault(), records, paths, names)
  records.close()
  const [own = ''] = controller.chainPem.split(/(?<=-----END CERTIFICATE-----)/)
  expect(readCertificate(own)).toMatchObject({ udn, role: 'Admin', signsReports: true })
})
