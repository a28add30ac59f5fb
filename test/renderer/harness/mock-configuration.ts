import type { ParameterSample } from './sample-configuration'

/** Plays the configuration desk in the page. Handed to the page as text, so it uses nothing from outside itself. */
export const playConfiguration = (sample: ParameterSample): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, push: (name: string, payload: Any) => void, fail: Any) => {
    const running = new Map<string, Any>()
    const plans = new Map<string, Any>()
    /** Devices that refuse the next change. */
    const refusing = new Set<string>(state.failing)
    let serial = 0
    const deviceOf = (udn: string) => state.devices.find((one: Any) => one.udn === udn)
    const runs = (udn: string) => {
      const device = deviceOf(udn)
      const known = sample[device?.model]
      if (!known || !device.online) return fail('DEVICE_OFFLINE')
      if (!running.has(udn)) running.set(udn, { version: 4, values: { ...known.values } })
      return running.get(udn)
    }
    const templateOf = (device: Any) => {
      const own = sample[device.model]?.parameters.filter((one) => one.access === 'readWrite') ?? []
      const group = state.groups.find((one: Any) => one.name === device.group)
      const names = new Set(own.map((one) => one.name))
      return Object.fromEntries(Object.entries(group?.values ?? {}).filter(([name]) => names.has(name)))
    }
    const read = ({ udn }: Any) => {
      const device = deviceOf(udn)
      const { version, values } = runs(udn)
      const template = templateOf(device)
      const differs = Object.keys(template).filter((name) => template[name] !== values[name])
      const { parameters } = sample[device.model] ?? {}
      const origins = Object.fromEntries(
        Object.keys(template).map((name) => [name, { from: 'group', group: device.group }]),
      )
      return { udn, version, values, parameters, group: device.group, template, origins, differs }
    }
    const rowOf = (udn: string, wanted: Any) => {
      const device = deviceOf(udn)
      const name = device?.name || device?.serialNumber || udn
      const base = { udn, name, changes: [], left: [], state: 'previewed' }
      if (!device?.online) return { ...base, problem: 'DEVICE_OFFLINE' }
      const { version, values } = runs(udn)
      const { parameters = [] } = sample[device.model] ?? {}
      const left = Object.keys(wanted).filter((one) => !parameters.some((each) => each.name === one))
      const changes = parameters.flatMap(({ name: of, unit, max }) => {
        const to = wanted[of]
        if (to === undefined || to === values[of]) return []
        const problem = max !== undefined && Number(to) > max ? { problem: 'VALUE_OUT_OF_RANGE' } : {}
        return [{ name: of, from: values[of], to, ...(unit ? { unit } : {}), ...problem }]
      })
      const bad = changes.find((one) => 'problem' in one) ? { problem: 'VALUE_OUT_OF_RANGE' } : {}
      return { ...base, version, changes, left, ...bad, state: changes.length ? 'previewed' : 'same' }
    }
    const preview = ({ udns, change }: Any) => {
      serial += 1
      const wanted = (udn: string) =>
        change.kind === 'template'
          ? templateOf(deviceOf(udn) ?? {})
          : change.kind === 'values'
            ? change.values
            : (change.devices[udn] ?? {})
      const rows = udns.map((udn: string) => rowOf(udn, wanted(udn)))
      const plan = { id: `plan-${serial}`, createdAtMs: Date.now(), change: change.kind, rows }
      plans.set(plan.id, plan)
      return plan
    }
    const end = (plan: Any, row: Any) => {
      const back = row.direction === 'rollback'
      if (!back && refusing.delete(row.udn)) {
        Object.assign(row, {
          state: 'failed',
          error: { code: 'VALUE_INVALID', detail: 'Pump.MaxFlow VALUE_INVALID' },
        })
      } else {
        const device = runs(row.udn)
        for (const { name, from, to } of row.changes) device.values[name] = back ? from : to
        device.version += back ? -1 : 1
        row.state = back ? 'rolled-back' : 'applied'
      }
      push('configuration.changed', { ...plan, rows: [row] })
    }
    const send = (direction: string, { planId, udns }: Any) => {
      const plan = plans.get(planId) ?? fail('PLAN_UNKNOWN')
      plan.rows
        .filter((row: Any) => udns.includes(row.udn))
        .forEach((row: Any, at: number) => {
          delete row.error
          Object.assign(row, { direction, state: direction === 'apply' ? 'applying' : 'rolling-back' })
          setTimeout(() => end(plan, row), state.stepMs * (at + 2))
        })
      return plan
    }
    return {
      'configuration.read': read,
      'configuration.preview': preview,
      'configuration.apply': (request: Any) => send('apply', request),
      'configuration.rollback': (request: Any) => send('rollback', request),
      'configuration.plans': () => [...plans.values()].reverse(),
      'configuration.export': ({ format }: Any) => ({
        saved: true,
        path: `/home/technician/configurations.${format}`,
      }),
      'configuration.import': ({ text }: Any) => {
        if (!text.startsWith('device,'))
          fail('FILE_INVALID', 'line 1: the first columns are device, model, serial')
        const [head = '', ...lines] = text.trim().split('\n')
        const names = head.split(',').slice(3)
        const cells = lines.map((line: string) => line.split(','))
        const devices = Object.fromEntries(
          cells.map(([udn, , , ...values]: string[]) => [
            udn,
            Object.fromEntries(values.map((value, at) => [names[at], value])),
          ]),
        )
        return preview({ udns: Object.keys(devices), change: { kind: 'each', devices } })
      },
    }
  })
}
