/** The site's revocation list as a device keeps it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import { REVOCATION_FILE, RevocationList } from '../../electron/device/revocation-list'
import { judgeCaller } from '../../electron/device/site-anchor'
import type { Authority } from '../../electron/identity/authority'
import { readCertificate } from '../../electron/identity/certificate'
import { derBlocks, splitPem } from '../../electron/identity/pem'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'

let site: Authority
let other: Authority
let client: SiteClient
let serialNumber = ''
beforeAll(async () => {
  site = await makeAuthority('Site')
  other = await makeAuthority('Site')
  client = await makeClient(site, 'Admin')
  serialNumber = readCertificate(splitPem(client.chainPem)[0] ?? '').summary.serialNumber
})

let folder = ''
let anchor: string | undefined
const logged: string[] = []
beforeEach(() => {
  folder = makeFolder('list')
  anchor = site.certificatePem
  logged.length = 0
})
const open = (): RevocationList =>
  new RevocationList({ folder, anchor: () => anchor, log: (event) => logged.push(event) })

const derOf = (pem: string): Buffer => derBlocks(pem, 'X509 CRL')[0] ?? Buffer.alloc(0)
const list = async (number: number, revoked: readonly string[] = [], by = site): Promise<Buffer> =>
  derOf(
    await by.issueCrl(
      revoked.map((serial) => ({ serialNumber: serial, atMs: Date.now() })),
      new Date(),
      number,
    ),
  )
const codeOf = (act: () => unknown): string => {
  try {
    return String(act())
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

describe('a revocation list', () => {
  it('is kept over a restart, and counts at once', async () => {
    const kept = open()
    expect([kept.number, kept.serials.size]).toEqual([undefined, 0])
    const chain = derBlocks(client.chainPem, 'CERTIFICATE')
    const judge = (by: RevocationList) =>
      judgeCaller(
        anchor,
        chain,
        () => Date.now(),
        () => by.serials,
      )
    expect(judge(kept)).toMatchObject({ ok: true, role: 'Admin' })
    expect(kept.take(await list(7, [serialNumber]))).toBe(true)
    expect(judge(kept)).toMatchObject({ ok: false, code: 'IDENTITY_REVOKED' })
    const again = open()
    expect(again.number).toBe(7)
    expect(judge(again)).toMatchObject({ ok: false, code: 'IDENTITY_REVOKED' })
  })

  it('gives way to later ones only, also after a restart', async () => {
    const [six, seven, eight] = [await list(6), await list(7, [serialNumber]), await list(8)]
    expect(open().take(seven)).toBe(true)
    for (const kept of [open(), open()]) {
      expect(kept.take(six)).toBe(false)
      expect(kept.take(seven)).toBe(false)
      expect([kept.number, kept.serials.size]).toEqual([7, 1])
    }
    expect(logged.filter((event) => event === 'revocation-list-older')).toHaveLength(2)
    expect(open().take(eight)).toBe(true)
    expect([open().number, open().serials.size]).toEqual([8, 0])
  })

  it('counts only when this site has signed it', async () => {
    const kept = open()
    expect(codeOf(() => kept.take(Buffer.from('no list')))).toBe('FILE_INVALID')
    // Another authority of the same name.
    const foreign = await list(9, [serialNumber], other)
    expect(codeOf(() => kept.take(foreign))).toBe('SIGNATURE_INVALID')
    const bent = await list(9, [serialNumber])
    bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1
    expect(codeOf(() => kept.take(bent))).toBe('SIGNATURE_INVALID')
    expect(kept.number).toBeUndefined()
  })

  it('is nothing to another site, nor without one', async () => {
    const kept = open()
    kept.take(await list(7, [serialNumber]))
    anchor = other.certificatePem
    expect([kept.number, kept.serials.size, open().number]).toEqual([undefined, 0, undefined])
    anchor = undefined
    expect([kept.take(await list(8)), open().number]).toEqual([false, undefined])
  })

  it('that is damaged is as good as none', async () => {
    open().take(await list(7, [serialNumber]))
    const path = join(folder, REVOCATION_FILE)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/MI..../, 'AAAAAA'))
    expect(open().number).toBeUndefined()
    expect(logged).toContain('revocation-list-damaged')
    expect(open().take(await list(7))).toBe(true)
  })
})
