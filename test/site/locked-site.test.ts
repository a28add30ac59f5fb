/** A laptop whose vault is still locked: nobody can know who sits there. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '../../electron/contract/settings'
import { type Controller, createController } from '../../electron/controller'
import { readCertificate } from '../../electron/identity/certificate'
import { Vault } from '../../electron/identity/vault'
import { openSiteIdentity } from '../../electron/site/site-identity'
import { dataPaths } from '../../electron/store/paths'
import { Records } from '../../electron/store/records'
import { openSettings } from '../../electron/store/settings'
import { makeBundle } from '../../electron/terminal/bundle-make-commands'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { unzip } from '../reports/unzip'

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

  it('a bundle tells of the program alone, and nothing of the site', async () => {
    const { logsFolder } = dataPaths(temp.path)
    mkdirSync(logsFolder, { recursive: true })
    const line = {
      level: 'warn',
      msg: 'a device is lost',
      code: 'DEVICE_OFFLINE',
      udn: udnOf(1),
      ip: '192.0.2.1',
    }
    writeFileSync(join(logsFolder, 'technician.log'), `${JSON.stringify(line)}\nOperator 17 was here\n`)
    const files = await unzip((await controller.bundles().make({ kind: 'app' })).path)
    const all = [...files.values()].map(String).join('\n')
    for (const word of ['Operator 17', udnOf(1), '192.0.2.1']) expect(all).not.toContain(word)
    expect(JSON.parse(String(files.get('app/log/technician.log')))).toEqual({
      ...{ level: 'warn', msg: 'a device is lost', code: 'DEVICE_OFFLINE' },
    })
    await expect(controller.bundles().make({ kind: 'site' })).rejects.toMatchObject({ code: 'SETUP_NEEDED' })
  })

  it('the terminal makes that bundle without a passphrase', async () => {
    await controller.close()
    const out = join(temp.path, 'app.zip')
    await makeBundle({ data: temp.path, app: true, out, seconds: 1 })
    expect([...(await unzip(out)).keys()]).toContain('app/about.json')
    const site = makeBundle({ data: temp.path, site: true, out, seconds: 1 })
    await expect(site).rejects.toMatchObject({ code: 'VAULT_LOCKED' })
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
