/**
 * Plays factory setup, cables and provisioning in the page. Handed to the page as text before `installBridge`, so it uses
 * nothing from outside itself.
 */
export const playFactory = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  type Play = (request: Any) => Any
  const page = window as Any
  page.areas ??= []
  page.areas.push(
    (state: Any, push: (name: string, payload: Any) => void, _fail: Any, base: Record<string, Play>) => {
      const { factory } = state
      const refuse = (code: string, subject?: string, detail?: string) => {
        throw { code, ...(subject ? { subject } : {}), ...(detail ? { detail } : {}) }
      }
      const view = () => state.station
      const changed = () => {
        push('station.changed', view())
        return view()
      }
      const pem = (kind: string) =>
        `-----BEGIN ${kind}-----\nMIIBIzCByQIBADAxMQ8wDQYDVQQDDAZMaW5lIDQxHjAcBgNVBAoMFUFjbWUgRGV2\naWNlcyBHbWJIMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEexampleexample\n-----END ${kind}-----\n`
      const print = (seed: number) =>
        Array.from({ length: 32 }, (_, at) =>
          ((seed * 37 + at * 91 + 13) % 256).toString(16).padStart(2, '0').toUpperCase(),
        ).join(':')
      let wrongPassphrases = 0
      const authority = (change: Any) => {
        Object.assign(view().authority, change)
        changed()
        return view().authority
      }
      const summary = () => factory.summary

      const jobs = new Map<string, Any>()
      let serial = 0
      let wrongCodes = 0
      const pushJob = (job: Any) => {
        job.updatedAtMs = Date.now()
        push('jobs.changed', [job])
      }
      const failJob = (job: Any, step: Any, error: Any) => {
        Object.assign(step, { state: 'failed', endedAtMs: Date.now() })
        Object.assign(job, { state: 'failed', error })
        pushJob(job)
      }
      const problemAt = (job: Any, name: string): Any => {
        if (name !== 'send-network' && name !== 'follow') return undefined
        const secret = job.secret
        if (name === 'follow')
          return job.params.ssid === 'nowhere'
            ? { code: 'NETWORK_NOT_JOINED', detail: 'failed:not-found' }
            : undefined
        if (!secret) return { code: 'SECRET_NEEDED', subject: job.subject }
        if (job.params.via !== 'network' || secret.setupCode === factory.setupCode) return undefined
        wrongCodes += 1
        return wrongCodes > 5
          ? { code: 'LOCKED_OUT', detail: 'try again in 60 s' }
          : { code: 'SETUP_CODE_WRONG' }
      }
      const NOTES: Record<string, string> = {
        connect: 'PX-200, firmware 2.4.0',
        'verify-identity': 'Example root, Line 4',
        'send-network': 'anchor 90:11:AC:52',
        follow: '10.4.9.31',
        'read-back': 'commissioning, BOOTID 8',
      }
      const advance = (job: Any) => {
        if (job.state === 'cancelled') return
        const step = job.steps.find((one: Any) => one.state !== 'done')
        if (!step) {
          job.state = 'done'
          const cable = factory.cables[job.subject]
          let device = state.devices.find((one: Any) => one.udn === (cable?.udn ?? job.subject))
          if (!device && cable) {
            const { udn, serialNumber, model } = cable
            device = { ...structuredClone(state.devices[10]), udn, serialNumber, model, name: '' }
            state.devices.push(device)
          }
          if (device) {
            const [address] = device.addresses
            Object.assign(device, {
              phase: 'commissioning',
              state: 'new',
              capabilities: ['enroll', 'config'],
              bootId: 8,
              addresses: [{ ...address, address: '10.4.9.31' }],
            })
            push('devices.delta', { reset: false, last: true, put: [device], drop: [] })
          }
          return pushJob(job)
        }
        job.state = 'running'
        Object.assign(step, { state: 'running', startedAtMs: Date.now() })
        pushJob(job)
        setTimeout(() => {
          if (job.state !== 'running') return
          const problem = problemAt(job, step.name)
          if (problem) return failJob(job, step, problem)
          Object.assign(step, { state: 'done', endedAtMs: Date.now(), note: NOTES[step.name] })
          advance(job)
        }, state.stepMs)
      }

      return {
        'serial.ports': () => factory.ports,
        'file.save': ({ name }: Any) => ({ saved: true, path: `/home/technician/${name}` }),
        'station.printers': () => factory.printers,
        'station.configure': (change: Any) => {
          Object.assign(view().config, change)
          return changed()
        },
        'station.addPerson': ({ name, role, pin }: Any) => {
          if (pin === '1234') refuse('REQUEST_REFUSED', name, 'somebody has this PIN already')
          view().people.push({ name, role })
          return changed()
        },
        'station.removePerson': ({ name }: Any) => {
          view().people = view().people.filter((one: Any) => one.name !== name)
          return changed()
        },
        'station.enter': () => {
          view().active = true
          state.status.station = true
          push('app.status', state.status)
          return changed()
        },
        'ledger.summary': summary,
        'ledger.units': ({ search, limit }: Any) => {
          const text = search.toLowerCase()
          return factory.units
            .filter((one: Any) =>
              [one.serialNumber, one.udn, one.certificateSerial ?? ''].some((field) =>
                field.toLowerCase().includes(text),
              ),
            )
            .slice(0, limit)
        },
        'ledger.addRange': (one: Any) => {
          const { ranges } = summary()
          ranges.push({
            ...one,
            id: ranges.length + 1,
            next: one.first,
            free: one.last - one.first + 1,
            addedBy: 'Supervisor 2',
            addedAtMs: Date.now(),
          })
          summary().entries += 1
          view().nextSerialNumber ??= `${one.prefix}${String(one.first).padStart(one.digits, '0')}`
          return summary()
        },
        'ledger.burn': ({ serialNumber }: Any) => {
          if (serialNumber.endsWith('9999')) refuse('SERIAL_NUMBER_INVALID', serialNumber)
          summary().burned += 1
          summary().entries += 1
          return summary()
        },
        'ledger.scrap': () => {
          summary().complete -= 1
          summary().scrapped += 1
          return summary()
        },
        'ledger.verify': () => factory.check,
        'ledger.export': ({ format }: Any) => ({ saved: true, path: `/home/technician/ledger.${format}` }),
        'authority.get': () => view().authority,
        'authority.createRoot': ({ commonName }: Any) =>
          authority({ rootHere: { commonName, fingerprint: print(800), pem: pem('CERTIFICATE') } }),
        'authority.request': () => authority({ state: 'requested', requestPem: pem('CERTIFICATE REQUEST') }),
        'authority.sign': ({ passphrase, quota, days }: Any) => {
          if (passphrase !== factory.rootPassphrase) {
            wrongPassphrases += 1
            refuse(
              wrongPassphrases > 5 ? 'LOCKED_OUT' : 'PASSPHRASE_WRONG',
              undefined,
              wrongPassphrases > 5 ? 'try again in 30 s' : undefined,
            )
          }
          factory.granted = { quota, notAfter: new Date(Date.now() + days * 86_400_000).toISOString() }
          return { chainPem: pem('CERTIFICATE'), subject: 'CN=Line 4', fingerprint: print(810) }
        },
        'authority.install': ({ chainPem }: Any) => {
          if (chainPem.includes('UNTRUSTED')) refuse('AUTHORITY_UNTRUSTED', 'CN=Another Root')
          delete view().authority.requestPem
          return authority({
            state: 'ready',
            commonName: 'Line 4',
            fingerprint: print(810),
            rootName: view().authority.rootHere?.commonName ?? 'Example root',
            rootFingerprint: print(800),
            issued: 0,
            ...(factory.granted ?? {
              quota: 10_000,
              notAfter: new Date(Date.now() + 365 * 86_400_000).toISOString(),
            }),
          })
        },
        'provision.look': ({ path }: Any) => {
          if (path === '/dev/ttyUSB2')
            refuse('SERIAL_PORT_DENIED', path, 'Error: Permission denied, cannot open /dev/ttyUSB2')
          return factory.cables[path] ?? refuse('SERIAL_SILENT', path)
        },
        'provision.start': ({ via, udn, path, ssid, setupCode, credential }: Any) => {
          serial += 1
          const job: Any = {
            id: `provision-${serial}`,
            kind: 'provision',
            subject: via === 'network' ? udn : path,
            batch: `provision-${serial}`,
            params: { via, ssid, ...(via === 'serial' ? { path } : {}) },
            state: 'queued',
            steps: ['connect', 'verify-identity', 'send-network', 'follow', 'read-back'].map((name) => ({
              name,
              state: 'pending',
              cancellable: name !== 'send-network',
            })),
            attempt: 1,
            createdAtMs: Date.now(),
            updatedAtMs: Date.now(),
          }
          Object.defineProperty(job, 'secret', {
            value: { setupCode, credential },
            writable: true,
            enumerable: false,
          })
          jobs.set(job.id, job)
          setTimeout(() => advance(job), 20)
          return job.id
        },
        'jobs.open': (request: Any) => [...(base['jobs.open']?.(request) ?? []), ...jobs.values()],
        'jobs.cancel': ({ ids }: Any) => {
          for (const id of ids) {
            const job = jobs.get(id)
            if (!job) return base['jobs.cancel']?.({ ids })
            job.state = 'cancelled'
            pushJob(job)
          }
        },
        'jobs.retry': ({ ids }: Any) => {
          for (const id of ids) {
            const job = jobs.get(id)
            if (!job) return base['jobs.retry']?.({ ids })
            job.secret = undefined
            Object.assign(job, { state: 'queued', attempt: job.attempt + 1, error: undefined })
            for (const step of job.steps) if (step.state !== 'done') step.state = 'pending'
            advance(job)
          }
        },
      }
    },
  )
}
