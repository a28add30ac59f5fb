/** Files by way of a dialog: for whoever asked, and for nobody who comes after. */
import { describe, expect, it } from 'vitest'
import type { Desk, FileContent } from '../../electron/site/desk'
import { SaveDesk, type SaveHost } from '../../electron/site/save-desk'
import { SECRETS, staffedBench } from './account-bench'

const makeDesk = async (during: () => void = () => undefined) => {
  const { desk: accounts } = await staffedBench()
  const written: string[] = []
  const saveFile = async (name: string, data: FileContent): Promise<string> => {
    during()
    for await (const part of data as AsyncIterable<string>) written.push(part)
    return `/chosen/${name}`
  }
  const host: Pick<SaveHost, 'accountsIfOpen'> = { accountsIfOpen: () => accounts }
  const desk = new SaveDesk({ saveFile } as unknown as Desk, host as SaveHost)
  return { accounts, written, desk }
}

describe('a file', () => {
  it('is written where the person says', async () => {
    const { accounts, desk, written } = await makeDesk()
    await accounts.signIn('Sue', SECRETS.Sue)
    expect(await desk.save('a.txt', 'text')).toEqual({ saved: true, path: '/chosen/a.txt' })
    expect(await desk.save('b.txt', ['one', 'two'])).toMatchObject({ saved: true })
    expect(written).toEqual(['text', 'one', 'two'])
  })

  it('is not written when whoever asked was signed out while the dialog stood open', async () => {
    const bench = await makeDesk(() => void bench.accounts.signOut())
    await bench.accounts.signIn('Sue', SECRETS.Sue)
    await expect(bench.desk.save('a.txt', 'text')).rejects.toMatchObject({ code: 'SIGN_IN_NEEDED' })
    expect(bench.written).toEqual([])
  })
})
