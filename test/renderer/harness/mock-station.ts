/**
 * Plays the station in the page: people, lanes that run by themselves, scans that are taken or refused. Handed to the page
 * as text before `installBridge`, so it uses nothing from outside itself.
 */
export const playStation = (pins: Readonly<Record<string, string>>): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, push: (name: string, payload: Any) => void, fail: (code: string) => void) => {
    let wrong = 0
    const view = () => state.station
    const changed = () => {
      push('station.changed', view())
      return view()
    }
    const laneOf = (number: number) => view().lanes.find((one: Any) => one.number === number)
    const markNext = () => {
      view().nextLane = view().lanes.find((one: Any) => one.state === 'ready')?.number
    }
    const refuse = (code: string, subject?: string, detail?: string) => {
      throw { code, ...(subject ? { subject } : {}), ...(detail ? { detail } : {}) }
    }
    const personOf = (pin: string) => {
      const name = Object.keys(pins).find((one) => pins[one] === pin)
      if (view().pinWaitS > 0) refuse('LOCKED_OUT')
      if (!name) {
        wrong += 1
        if (wrong >= 5) view().pinWaitS = 30
        changed()
        return refuse('PIN_WRONG')
      }
      wrong = 0
      return view().people.find((one: Any) => one.name === name)
    }
    const needSignedIn = () => {
      if (!view().signedIn) refuse('NOT_AUTHORIZED')
    }
    const needSupervisor = () => {
      if (view().signedIn?.role !== 'supervisor') refuse('NOT_AUTHORIZED')
    }
    const STEPS = ['reserve', 'keygen', 'check-request', 'issue', 'install', 'read-back', 'self-test', 'lock']
    const run = (lane: Any, at = 0) => {
      const step = STEPS[at]
      Object.assign(lane, { state: 'running', step, percent: Math.round((at / STEPS.length) * 100) })
      changed()
      setTimeout(() => {
        if (at + 1 < STEPS.length) return run(lane, at + 1)
        Object.assign(lane, { state: 'passed', percent: 100, canPrint: true, passed: lane.passed + 1 })
        delete lane.step
        view().counts.passed += 1
        view().counts.firstPass += 1
        changed()
      }, state.stepMs)
    }
    const counted = () => {
      const [, prefix = '', digits = ''] = /^(.*?)(\d+)$/.exec(view().nextSerialNumber) ?? []
      const taken = view().nextSerialNumber
      view().nextSerialNumber = `${prefix}${String(Number(digits) + 1).padStart(digits.length, '0')}`
      return taken
    }
    return {
      'station.open': view,
      'station.signIn': ({ pin }: Any) => {
        view().signedIn = personOf(pin)
        return changed()
      },
      'station.signOut': () => {
        delete view().signedIn
        return changed()
      },
      'station.leave': ({ pin }: Any) => {
        if (personOf(pin).role !== 'supervisor') refuse('NOT_AUTHORIZED')
        Object.assign(view(), { active: false })
        state.status.station = false
        push('app.status', state.status)
        return changed()
      },
      'station.scan': ({ text }: Any) => {
        needSignedIn()
        const serialNumber = text.startsWith('IOTMC1:') ? text.split(':')[2] : text
        if (view().authority.state !== 'ready') refuse('AUTHORITY_MISSING')
        if (serialNumber === 'PX200-01199')
          refuse(
            'SERIAL_NUMBER_USED',
            'PX200-01199',
            'PX-200, complete, Line 4 lane 2, 2026-11-21 14:02, uuid:2fac1234-31f8-11b4-a222-08002b34c003',
          )
        if (!/^([A-Za-z0-9][\w.-]*)?$/.test(serialNumber)) refuse('SERIAL_NUMBER_INVALID', serialNumber)
        const lane = laneOf(view().nextLane)
        if (!lane) return refuse('REQUEST_REFUSED', undefined, 'no lane is ready')
        lane.serialNumber = serialNumber || counted()
        lane.state = 'assigned'
        markNext()
        if (view().config.startOnScan) run(lane)
        return changed()
      },
      'station.chooseLane': ({ lane }: Any) => {
        if (laneOf(lane)?.state !== 'ready') refuse('REQUEST_REFUSED', `lane ${lane}`)
        view().nextLane = lane
        return changed()
      },
      'station.start': ({ lane }: Any) => {
        run(laneOf(lane))
        return view()
      },
      'station.unlockLane': ({ lane }: Any) => {
        needSupervisor()
        const one = laneOf(lane)
        Object.assign(one, { state: 'listening', failuresInRow: 0 })
        delete one.error
        return changed()
      },
      'station.log': ({ lane }: Any) => [
        '*** Booting Zephyr OS build v4.2.0 ***',
        '[00:00:00.004,000] <inf> main: PX-200 rev C, firmware 2.4.0',
        '[00:00:00.011,000] <inf> key_store: secure element ready',
        '[00:00:00.015,000] <inf> mcumgr: serial transport on uart0',
        `[00:00:03.201,000] <inf> identity: key made for PX200-0${1200 + lane}`,
        '[00:00:04.118,000] <wrn> uart: 1 frame dropped',
        '[00:00:05.640,000] <inf> identity: certificate installed, 842 bytes',
      ],
      'station.label': ({ lane, to }: Any) => {
        if (laneOf(lane).path === 'no-printer') fail('PRINTER_UNAVAILABLE')
        laneOf(lane).labelPrinted = true
        changed()
        return { saved: true, ...(to === 'pdf' ? { path: '/tmp/label.pdf' } : {}) }
      },
      'station.printers': () => [],
    }
  })
}
