/** Plays the plan, works on the site, groups in groups, names and labels in the page. Handed to the page as text. */
export const playSite = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, push: Any, fail: Any, handlers: Any) => {
    const works = new Map<string, Any>()
    const findings = new Map<string, Any>()
    let serial = 0
    const nameOf = (device: Any) => device.name || device.serialNumber
    const deviceFor = (one: Any) =>
      state.devices.find((each: Any) => each.udn === one.udn || each.serialNumber === one.serialNumber)
    const differencesOf = (one: Any, device: Any) => {
      const list: Any[] = []
      const put = (field: string, planned: Any, found: Any, more: Any = {}) => {
        if (planned !== undefined && planned !== found)
          list.push({ field, planned, ...(found === undefined ? {} : { found }), manual: false, ...more })
      }
      put('model', one.model, device.model, { manual: true })
      if (device.phase !== 'operation') put('enrolment', 'enrolled', undefined)
      put('name', one.name, device.name)
      put('place', one.place, device.place)
      put('group', one.group, device.group)
      for (const [parameter, value] of Object.entries(one.values ?? {}))
        put('configuration', value, '0', { parameter })
      put('firmware', one.firmware, device.firmwareVersion)
      return list
    }
    const rowsNow = (): Any[] => {
      const planned = state.expected.map((one: Any, at: number) => {
        const device = deviceFor(one)
        const differences = device ? differencesOf(one, device) : []
        const stand = !device ? 'missing' : differences.length > 0 ? 'different' : 'present'
        return {
          key: `n${at}`,
          udn: device?.udn,
          serialNumber: one.serialNumber ?? device?.serialNumber,
          name: one.name ?? device?.name ?? one.serialNumber,
          model: one.model ?? device?.model,
          place: one.place,
          group: one.group,
          stand,
          online: device?.online ?? false,
          differences,
        }
      })
      const seen = new Set(planned.map((row: Any) => row.udn))
      const rest = state.devices
        .filter((device: Any) => device.managed && !seen.has(device.udn))
        .map((device: Any) => ({
          key: device.udn,
          udn: device.udn,
          serialNumber: device.serialNumber,
          name: nameOf(device),
          model: device.model,
          place: device.place,
          group: device.group,
          stand: 'unexpected',
          online: device.online,
          differences: [],
        }))
      return [...planned, ...rest]
    }
    const compare = () => {
      const rows = rowsNow()
      const counts: Any = { present: 0, different: 0, missing: 0, unexpected: 0 }
      for (const row of rows) counts[row.stand] += 1
      return { comparedAtMs: Date.now(), askedAtMs: Date.now() - 120_000, counts, rows }
    }
    const COSTS: Any = {
      commission: { risk: 'low', bytes: 24_000, downtimeS: 0, durationS: 6 },
      describe: { risk: 'none', bytes: 0, downtimeS: 0, durationS: 0 },
      'assign-group': { risk: 'low', bytes: 3_000, downtimeS: 0, durationS: 1 },
      configure: { risk: 'low', bytes: 6_000, downtimeS: 0, durationS: 2 },
      update: { risk: 'trial', bytes: 7_340_032, downtimeS: 14, durationS: 95, probationS: 3600 },
    }
    const FIELDS: Any = {
      commission: ['enrolment'],
      describe: ['name', 'place', 'note'],
      'assign-group': ['group'],
      configure: ['configuration'],
      update: ['firmware'],
    }
    const tasksOf = (differences: Any[], missing: boolean) =>
      Object.keys(FIELDS).flatMap((kind) => {
        const own = differences.filter((one) => FIELDS[kind].includes(one.field) && !one.manual)
        return own.length > 0 || (missing && kind === 'commission')
          ? [{ kind, differences: own, ...COSTS[kind] }]
          : []
      })
    const workRow = (row: Any) => {
      const tasks = tasksOf(row.differences, row.stand === 'missing')
      const problem = row.differences.some((one: Any) => one.planned === '9.9.9')
        ? { problem: 'BUNDLE_UNKNOWN' }
        : {}
      return {
        key: row.key,
        ...(row.udn ? { udn: row.udn } : {}),
        name: row.name,
        online: row.online,
        tasks,
        ...problem,
        state: tasks.length === 0 ? 'same' : 'previewed',
      }
    }
    const preview = (ask: Any) => {
      serial += 1
      const all = rowsNow()
      const rows =
        ask.what === 'plan'
          ? all
              .filter((row) => (ask.keys ? ask.keys.includes(row.key) : row.differences.length > 0))
              .map(workRow)
          : ask.udns.map((udn: string) => {
              const device = state.devices.find((one: Any) => one.udn === udn)
              const planned = ask.group
              const differences =
                device.group === planned
                  ? []
                  : [
                      { field: 'group', planned, found: device.group, manual: false },
                      {
                        field: 'configuration',
                        parameter: 'Report.IntervalSeconds',
                        planned: '60',
                        found: '30',
                        manual: false,
                      },
                    ]
              const { online } = device
              return workRow({ key: udn, udn, name: nameOf(device), online, differences, stand: 'different' })
            })
      const busy = rows.filter((row: Any) => row.tasks.length > 0 && !row.problem)
      const sum = (part: string) =>
        busy.flatMap((row: Any) => row.tasks).reduce((total: number, task: Any) => total + task[part], 0)
      const work = {
        id: `work-${serial}`,
        createdAtMs: Date.now(),
        what: ask.what,
        rows,
        totals: {
          devices: busy.length,
          held: rows.filter((row: Any) => row.problem || !row.online).length,
          tasks: busy.reduce((total: number, row: Any) => total + row.tasks.length, 0),
          bytes: sum('bytes'),
          downtimeS: 14,
          durationS: sum('durationS'),
        },
      }
      works.set(work.id, work)
      return work
    }
    const failing = new Set<string>(state.failing)
    const end = (work: Any, row: Any) => {
      if (row.udn && failing.delete(row.udn)) {
        row.state = 'failed'
        row.error = { code: 'DEVICE_UNREACHABLE', detail: 'connect ETIMEDOUT' }
      } else if (state.stale?.includes(row.udn)) {
        row.state = 'failed'
        row.error = { code: 'PLAN_STALE' }
      } else row.state = 'done'
      push('work.changed', { ...work, rows: [row] })
    }
    const apply = ({ workId, keys }: Any) => {
      const work = works.get(workId) ?? fail('PLAN_UNKNOWN')
      if (state.refusing) fail('PLAN_STALE')
      work.appliedAtMs = Date.now()
      work.rows
        .filter((row: Any) => row.tasks.length > 0 && !row.problem && (!keys || keys.includes(row.key)))
        .forEach((row: Any, at: number) => {
          delete row.error
          row.state = row.online ? 'running' : 'held'
          if (row.online) setTimeout(() => end(work, row), state.stepMs * (at + 3))
        })
      return work
    }
    const SAVED = { saved: true, path: '/home/technician/site-plan.csv' }
    return {
      'plan.compare': compare,
      'plan.look': compare,
      'plan.import': ({ text, mode }: Any) => {
        const [head = '', ...lines] = text.trim().split(/\r?\n/)
        const names = head.split(',')
        if (!names.includes('serial')) fail('FILE_INVALID', 'line 1: no column names a device')
        const keys: Any = { serial: 'serialNumber' }
        const read = lines.map((line: string) =>
          Object.fromEntries(
            line
              .split(',')
              .map((cell, at) => [keys[names[at] ?? ''] ?? names[at], cell])
              .filter(([, cell]) => cell),
          ),
        )
        state.expected = mode === 'replace' ? read : [...state.expected, ...read]
        return state.expected
      },
      'plan.scan': ({ text, group }: Any) => {
        const [, , third] = text.split(':')
        const serialNumber = third ?? text
        if (!/^[A-Za-z0-9.-]{3,40}$/.test(serialNumber)) fail('LABEL_UNREADABLE')
        const known = state.expected.some((one: Any) => one.serialNumber === serialNumber)
        if (!known) state.expected = [...state.expected, { serialNumber, ...(group ? { group } : {}) }]
        return { plan: state.expected, added: known ? 0 : 1, known: known ? 1 : 0 }
      },
      'plan.export': () => SAVED,
      'work.preview': preview,
      'work.apply': apply,
      'work.list': () => [...works.values()].reverse(),
      'devices.describe': ({ udn, ...words }: Any) => {
        const device = state.devices.find((one: Any) => one.udn === udn)
        Object.assign(device, words)
        push('devices.delta', { reset: false, last: true, put: [device], drop: [] })
      },
      'labels.findings': () => [...findings.values()],
      'labels.scan': ({ udn, text }: Any) => {
        const labelSerialNumber = text.split(':')[2] ?? text
        if (labelSerialNumber.length < 4) fail('LABEL_UNREADABLE')
        const device = state.devices.find((one: Any) => one.udn === udn)
        const other = state.devices.find((one: Any) => one.serialNumber === labelSerialNumber)
        const crossed = other && findings.get(other.udn)?.labelUdn === udn
        const how = !other ? 'foreign' : other.udn === udn ? 'matches' : crossed ? 'swapped' : 'other'
        const finding = {
          atMs: Date.now(),
          udn,
          name: nameOf(device),
          serialNumber: device.serialNumber,
          ...(other ? { labelUdn: other.udn, labelName: nameOf(other) } : {}),
          labelSerialNumber,
          state: how,
        }
        findings.set(udn, finding)
        return finding
      },
      'groups.save': (request: Any) => {
        handlers['groups.save'](request)
        const group = state.groups.find((one: Any) => one.name === request.name)
        if (request.parent) group.parent = request.parent
        else delete group.parent
        return state.groups
      },
      'groups.remove': ({ name }: Any) => {
        state.groups = state.groups.filter((one: Any) => one.name !== name)
        return state.groups
      },
    }
  })
}
