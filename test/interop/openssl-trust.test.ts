import { afterEach, beforeEach, expect, test } from 'vitest'
import { NOW } from '../identity/make'
import { TRUST_CASES } from '../identity/trust-cases'
import { type OpensslFolder, opensslFolder } from './openssl'

let folder: OpensslFolder
beforeEach(() => {
  folder = opensslFolder()
})
afterEach(() => folder.remove())

// What only this profile refuses (`openssl: 'accepts'`) openssl must accept; all else it must judge as we do.
const judged = TRUST_CASES.filter((one) => one.openssl !== 'not asked')

test.each(judged)('openssl agrees about $name', async ({ make, verdict, openssl }) => {
  const { chain, roots = [], siteCa, crls = [], nowMs = NOW, expect: wanted } = await make()
  const [leaf, ...others] = chain
  const anchors = [...roots, ...(siteCa ? [siteCa] : [])].map((one) => one.pem).join('')
  const args = ['verify', '-x509_strict', '-attime', String(Math.floor(nowMs / 1000))]
  args.push('-no-CApath', '-no-CAstore', '-CAfile', folder.file('anchors.pem', anchors))
  if (siteCa) args.push('-partial_chain')
  if (others.length > 0)
    args.push('-untrusted', folder.file('others.pem', others.map((one) => one.pem).join('')))
  if (crls.length > 0) args.push('-crl_check_all', '-CRLfile', folder.file('crls.pem', crls.join('')))
  args.push('-purpose', wanted?.usage === 'server' ? 'sslserver' : 'sslclient')
  const { ok, output } = folder.run(...args, folder.file('leaf.pem', leaf?.pem ?? ''))
  const accepted = verdict === 'IDevID' || verdict === 'LDevID' || openssl === 'accepts'
  expect(ok, output).toBe(accepted)
})
