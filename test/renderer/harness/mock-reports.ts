/** Plays the report desk in the page. Handed to the page as text, so it uses nothing from outside itself. */
export const playReports = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, _push: unknown, fail: Any) => {
    const reports = state.reports ?? []
    const hash = (n: number) => `${(n * 7919).toString(16)}${'5e1a90c4'.repeat(8)}`.slice(0, 64)
    return {
      'report.list': () => reports,
      'report.make': ({ customer, notes }: Any) => {
        if (notes.includes('fail')) fail('FILE_INVALID', 'it can not be written')
        const sequence = (reports[0]?.sequence ?? 0) + 1
        const made = {
          sequence,
          madeAtMs: Date.now(),
          technician: 'Technician 17',
          customer,
          devices: 24,
          open: 3,
          hash: hash(sequence),
        }
        reports.unshift(made)
        return made
      },
      'report.save': ({ sequence, part }: Any) => ({
        saved: true,
        path: `/home/technician/report-000${sequence}.${part}`,
      }),
      'report.verify': () => state.reportVerdict,
      'bundle.make': ({ kind }: Any) => ({ saved: true, path: `/home/technician/diagnostics-${kind}.zip` }),
    }
  })
}
