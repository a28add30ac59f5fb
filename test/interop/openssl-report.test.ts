/** openssl judges reports: it accepts what is made here, and refuses what was changed; the commands are those on the paper. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPORT_FILES } from '../../electron/reports/form'
import { makeTempDir } from '../helpers/temp-dir'
import { NOW, root } from '../identity/make'
import { type TestSite, testSite } from '../reports/site'
import { type OpensslFolder, opensslFolder } from './openssl'

let temp: ReturnType<typeof makeTempDir>
let folder: OpensslFolder
let site: TestSite
const files = new Map<string, Buffer>()
beforeAll(async () => {
  temp = makeTempDir('iotmc-report-openssl-')
  folder = opensslFolder()
  site = await testSite(temp.path)
  const { desk, records } = site.open()
  await desk.make({ language: 'de', customer: 'Example customer' })
  records.close()
  for (const name of REPORT_FILES) files.set(name, readFileSync(join(temp.path, 'reports', '1', name)))
})
afterAll(() => {
  folder.remove()
  temp.remove()
})

const byOpenssl = (change: Readonly<Record<string, Buffer>> = {}, ...more: string[]) => {
  for (const [name, bytes] of files) folder.file(name, change[name] ?? bytes)
  const args = ['-binary', '-inform', 'DER', '-in', 'manifest.p7s', '-content', 'manifest.json']
  args.push('-CAfile', 'site-ca.pem', '-no-CApath', '-no-CAstore', '-purpose', 'any', '-out', 'checked.json')
  return folder.run('cms', '-verify', ...args, ...more)
}

const atTime = ['-attime', String(Math.floor(NOW / 1000))]

describe('openssl', () => {
  it('accepts the signature, at the time it was made and without a time', () => {
    expect(byOpenssl({}, ...atTime)).toMatchObject({ ok: true })
    expect(byOpenssl({}, '-no_check_time').ok).toBe(true)
    expect(readFileSync(join(folder.path, 'checked.json'))).toEqual(files.get('manifest.json'))
  })

  it('finds the same hashes as the manifest states', () => {
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '') as {
      files: { name: string; size: number; sha256: string }[]
    }
    byOpenssl({}, ...atTime)
    for (const { name, size, sha256 } of manifest.files) {
      const { output } = folder.run('dgst', '-sha256', '-r', name)
      expect(output.split(' ')[0]).toBe(sha256)
      expect(files.get(name)?.length).toBe(size)
      expect(
        createHash('sha256')
          .update(files.get(name) ?? '')
          .digest('hex'),
      ).toBe(sha256)
    }
    expect(manifest.files).toHaveLength(4)
  })

  it('refuses another manifest, another signature and another authority', async () => {
    const changed = (name: string, at: number): Buffer => {
      const bytes = Buffer.from(files.get(name) ?? '')
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes
    }
    const manifest = files.get('manifest.json') ?? Buffer.alloc(0)
    for (const at of [0, 20, Math.floor(manifest.length / 2), manifest.length - 1])
      expect(byOpenssl({ 'manifest.json': changed('manifest.json', at) }, ...atTime).ok).toBe(false)
    const signature = files.get('manifest.p7s') ?? Buffer.alloc(0)
    for (const at of [signature.length - 5, signature.length - 40])
      expect(byOpenssl({ 'manifest.p7s': changed('manifest.p7s', at) }, ...atTime).ok).toBe(false)
    const stranger = Buffer.from((await root('Example site CA')).pem)
    expect(byOpenssl({ 'site-ca.pem': stranger }, ...atTime).ok).toBe(false)
  })
})
