/** Accounts and audit of the played main process. Handed to the page as text, so it uses nothing from outside itself. */
export const playAccess = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const play = (
    state: Any,
    push: (name: string, payload: Any) => void,
    fail: (code: string, detail?: string) => void,
  ) => {
    const access = state.access
    let waitUntilMs = access.waitS > 0 ? Date.now() + access.waitS * 1000 : 0
    let wrong = 0
    const view = () => ({
      accounts: access.accounts.map(({ name, role }: Any) => ({ name, role })),
      ...(state.status.account ? { signedIn: state.status.account } : {}),
      waitS: Math.max(0, Math.ceil((waitUntilMs - Date.now()) / 1000)),
      idleMinutes: access.idleMinutes,
    })
    const become = (account: Any) => {
      if (account) state.status.account = { name: account.name, role: account.role }
      else delete state.status.account
      state.status.stage = access.accounts.length > 0 && !account ? 'sign-in' : 'ready'
      push('app.status', state.status)
      push('accounts.changed', view())
      return view()
    }
    return {
      'accounts.view': view,
      'app.signIn': ({ name, secret }: Any) => {
        if (waitUntilMs > Date.now()) fail('LOCKED_OUT')
        const found = access.accounts.find((one: Any) => one.name === name && one.secret === secret)
        if (found) return become(found)
        wrong += 1
        if (wrong >= 3) waitUntilMs = Date.now() + 30_000
        fail('SIGN_IN_WRONG')
      },
      'app.signOut': () => become(undefined),
      'accounts.add': (account: Any) => {
        access.accounts.push(account)
        if (access.accounts.length === 1) return become(undefined)
        return view()
      },
      'accounts.change': ({ name, role, secret }: Any) => {
        const found = access.accounts.find((one: Any) => one.name === name)
        if (role) found.role = role
        if (secret) found.secret = secret
        return view()
      },
      'accounts.remove': ({ name }: Any) => {
        access.accounts = access.accounts.filter((one: Any) => one.name !== name)
        return view()
      },
      'accounts.setIdle': ({ minutes }: Any) => {
        access.idleMinutes = minutes
        return view()
      },
      'audit.list': ({ beforeId = 1e9, limit, actor = '', subject = '', action }: Any) => {
        const fits = access.audit.filter(
          (line: Any) =>
            line.id < beforeId &&
            line.actor.toLowerCase().includes(actor.toLowerCase()) &&
            (line.subject ?? '').toLowerCase().includes(subject.toLowerCase()) &&
            (!action || line.action === action),
        )
        return { lines: fits.slice(0, limit), more: fits.length > limit }
      },
      'audit.verify': () => access.check,
      'audit.export': () => ({ saved: true, path: '/home/technician/audit.jsonl' }),
    }
  }
  const page = window as Any
  page.areas ??= []
  page.areas.push(play)
}
