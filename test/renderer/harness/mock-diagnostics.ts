/** Plays health, logs and checks in the page. Handed to the page as text, so it uses nothing from outside itself. */
export const playDiagnostics = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, push: (name: string, payload: Any) => void, _fail: Any, before: Any) => {
    const { diagnostics } = state
    const asked: Any[] = []
    page.asked = asked
    const checks = new Map<string, Any>(diagnostics.checks.map((one: Any) => [one.id, one]))
    const seed = (udn: string) => Number.parseInt(udn.slice(-4), 16)
    const jobs: Any[] = []
    let serial = 0
    const wave = (udn: string, metric: string, atMs: number) => {
      const health = diagnostics.health.find((one: Any) => one.udn === udn)
      const base = health?.values[metric] ?? 40
      const size = Math.max(Math.abs(base) * 0.08, 0.2)
      const n = seed(udn)
      return base + size * (Math.sin(atMs / 700_000 + n) + 0.3 * Math.sin(atMs / 61_000 + 3 * n)) - size
    }
    const series = ({ udns, metric, fromMs, toMs, points }: Any) => {
      const span = toMs - fromMs
      const from = span <= 21_600_000 ? 'samples' : span <= 7 * 86_400_000 ? 'minutes' : 'hours'
      const gapFrom = fromMs + span * 0.42
      const gapTo = fromMs + span * 0.52
      const gaps: Any[] = [{ udn: udns[0], fromMs: gapFrom, toMs: gapTo, reason: 'asleep' }]
      if (udns[2])
        gaps.push({
          udn: udns[2],
          fromMs: fromMs + span * 0.2,
          toMs: fromMs + span * 0.26,
          reason: 'offline',
        })
      return {
        from,
        gaps,
        series: udns.map((udn: string) => {
          const one: Any = { udn, atMs: [], min: [], max: [], mean: [] }
          for (let at = 0; at < points; at += 1) {
            const atMs = fromMs + (at + 0.5) * (span / points)
            if (gaps.some((gap) => gap.udn === udn && atMs > gap.fromMs && atMs < gap.toMs)) continue
            const mean = wave(udn, metric, atMs)
            const half = from === 'samples' ? 0 : Math.abs(mean) * 0.015
            one.atMs.push(atMs)
            one.mean.push(mean)
            one.min.push(mean - half)
            one.max.push(mean + half)
          }
          return one
        }),
      }
    }
    const matches = (record: Any, filter: Any) =>
      (!filter.udns || filter.udns.includes(record.udn)) &&
      record.severity <= (filter.maxSeverity ?? 7) &&
      (filter.fromMs === undefined || record.timeMs >= filter.fromMs) &&
      (!filter.text || JSON.stringify(record).toLowerCase().includes(filter.text.toLowerCase()))
    const query = (filter: Any) => {
      asked.push(filter)
      const all = diagnostics.records.filter((record: Any) => matches(record, filter))
      const found = all.filter((record: Any) => !filter.before || record.position < filter.before.position)
      const whole = all.length === diagnostics.records.length
      return {
        records: found.slice(0, filter.limit),
        more: found.length > filter.limit,
        ...(filter.before ? {} : { total: whole ? diagnostics.total : all.length }),
        tookMs: 23.4,
      }
    }
    const start = (kind: string, udns: readonly string[]) => {
      serial += 1
      const batch = `${kind}-${serial}`
      const made = udns.map((udn, at) => ({
        id: `${batch}-${at}`,
        kind,
        subject: udn,
        batch,
        params: {},
        state: 'running',
        steps: (kind === 'check'
          ? ['reachable', 'identity', 'finding']
          : ['find', 'retrieve', 'clear', 'read-back']
        ).map((name, index) => ({ name, state: index === 0 ? 'running' : 'pending', cancellable: true })),
        attempt: 1,
        createdAtMs: Date.now(),
        updatedAtMs: Date.now(),
      }))
      jobs.push(...made)
      push('jobs.changed', made)
      return made.map(({ id }) => id)
    }
    return {
      'jobs.open': () => [...before['jobs.open'](), ...jobs],
      'health.open': () => diagnostics.health,
      'health.series': series,
      'log.query': query,
      'log.stand': () => diagnostics.stands,
      'log.fetch': ({ udns, clear }: Any) => {
        page.fetched = { udns, clear }
        return start('fetch-log', udns)
      },
      'log.tail': ({ udn, on }: Any) => {
        page.tailed = { udn, on }
      },
      'log.export': ({ format }: Any) => ({ saved: true, path: `/home/technician/site-log.${format}` }),
      'check.start': ({ udns, options }: Any) => {
        page.checkOptions = options
        const ids = start('check', udns)
        ids.forEach((id, at) => {
          const pattern = diagnostics.checks[at % diagnostics.checks.length]
          const check = { ...pattern, id, udn: udns[at], startedAtMs: Date.now() }
          checks.set(id, check)
          push('check.changed', check)
        })
        return ids
      },
      'check.list': ({ udn, limit }: Any) =>
        [...checks.values()].filter((one) => !udn || one.udn === udn).slice(0, limit),
    }
  })
}
