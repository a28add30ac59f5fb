import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { codeProblem } from '../../../renderer/model/setup-code'
import {
  askAgain,
  chooseDevice,
  choosePort,
  chooseRoad,
  forgetSecrets,
  goBack,
  goOn,
  lookAtPort,
  restartProvision,
  retryProvisioning,
  setCode,
  setNetwork,
  startProvisioning,
  takeLabel,
  useProvision,
} from '../../../renderer/stores/provision'
import { udn } from '../harness/sample'
import { atCable } from '../harness/sample-factory'

const calls: { name: string; request: unknown }[] = []
let answers: Record<string, () => unknown> = {}

beforeEach(() => {
  calls.length = 0
  answers = { 'provision.start': () => 'job-1', 'jobs.open': () => [] }
  vi.stubGlobal('window', {
    iotmc: {
      call: async (name: string, request: unknown) => {
        calls.push({ name, request })
        try {
          return { ok: true, value: answers[name]?.() }
        } catch (error) {
          return { ok: false, error }
        }
      },
      on: () => () => undefined,
    },
  })
  restartProvision('network')
  setNetwork({ ssid: '', credential: '', wired: false })
})
afterEach(() => vi.unstubAllGlobals())

const now = () => useProvision.getState()
const fillIn = () => {
  chooseDevice(udn(11))
  goOn()
  setCode('GTK17ZE5')
  goOn()
  setNetwork({ ssid: 'Plant', credential: 'a long password' })
}

describe('provisioning', () => {
  it('asks device, code, network, and sends what was answered', async () => {
    chooseDevice(udn(11))
    goOn()
    expect(now().at.step).toBe('code')
    setCode('GTK17ZE5')
    expect(codeProblem(now().code)).toBeUndefined()
    goOn()
    expect(now().at.step).toBe('network')
    setNetwork({ ssid: 'Plant', credential: 'a long password' })
    await startProvisioning()
    expect(calls[0]).toEqual({
      name: 'provision.start',
      request: {
        via: 'network',
        udn: udn(11),
        setupCode: 'GTK17ZE5',
        ssid: 'Plant',
        credential: 'a long password',
      },
    })
    expect(now().at).toMatchObject({ step: 'job', id: 'job-1' })
  })

  it('keeps no secret once the job has it, and the name of the network for the next device', async () => {
    fillIn()
    await startProvisioning()
    expect(JSON.stringify(now())).not.toMatch(/GTK17ZE5|long password/)
    expect(now().ssid).toBe('Plant')
  })

  it('asks no code of a device at a cable, and sends no name for a wired one', async () => {
    chooseRoad('serial')
    choosePort('/dev/ttyUSB0')
    answers['provision.look'] = () => atCable('/dev/ttyUSB0', 'provisioning', true)
    await lookAtPort('/dev/ttyUSB0')
    goOn()
    expect(now().at.step).toBe('network')
    setNetwork({ ssid: 'Plant', credential: 'x', wired: true })
    await startProvisioning()
    expect(calls[1]?.request).toEqual({ via: 'serial', path: '/dev/ttyUSB0', ssid: '', credential: '' })
  })

  it('does not take the answer of a port that is no longer chosen', async () => {
    chooseRoad('serial')
    choosePort('/dev/ttyUSB0')
    answers['provision.look'] = () => {
      choosePort('/dev/ttyUSB1')
      return atCable('/dev/ttyUSB0', 'provisioning', true)
    }
    await lookAtPort('/dev/ttyUSB0')
    expect(now().at.target).toMatchObject({ path: '/dev/ttyUSB1', look: { state: 'none' } })
  })

  it('skips the code when a label was scanned, and shows it on the way back', () => {
    takeLabel({ udn: udn(11), serialNumber: 'EM3-01091', setupCode: 'GTK17ZE5' })
    goOn()
    expect(now().at.step).toBe('network')
    goBack()
    expect(now().at.step).toBe('code')
    expect(now().code).toBe('GTK17ZE5')
  })

  it('forgets a code that belongs to another device', () => {
    takeLabel({ udn: udn(11), serialNumber: 'EM3-01091', setupCode: 'GTK17ZE5' })
    chooseDevice(udn(12))
    expect(now().code).toBe('')
  })

  it('forgets what is secret when the screen is left, and asks it again', () => {
    fillIn()
    forgetSecrets()
    expect(now()).toMatchObject({ code: '', credential: '', at: { step: 'code' } })
  })

  it('counts wrong codes of one device, and starts over with the next', async () => {
    fillIn()
    await startProvisioning()
    askAgain(true)
    expect(now()).toMatchObject({ wrongCodes: 1, at: { step: 'code' } })
    chooseDevice(udn(12))
    expect(now().wrongCodes).toBe(0)
  })

  it('asks for the secrets again where the job has forgotten them', async () => {
    fillIn()
    await startProvisioning()
    answers['jobs.retry'] = () => {
      throw { code: 'SECRET_NEEDED' }
    }
    await retryProvisioning('job-1')
    expect(now().at.step).toBe('code')
    answers['jobs.retry'] = () => {
      throw { code: 'JOB_UNKNOWN' }
    }
    await expect(retryProvisioning('job-1')).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
  })

  it('stays where it is when the job could not be started, with the answers kept', async () => {
    fillIn()
    answers['provision.start'] = () => {
      throw { code: 'DEVICE_UNKNOWN' }
    }
    await expect(startProvisioning()).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' })
    expect(now()).toMatchObject({ code: 'GTK17ZE5', at: { step: 'network' } })
  })
})
