/** What is taken out of a bundle, and what stays readable. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../../electron/reports/redact'
import { isSecretName, redactText } from '../../electron/reports/redact-text'

const UUID = '00000000-0000-4000-8000-000000000001'

describe('a text', () => {
  it.each([
    ['password=hush hush, hush', 'hush'],
    ['joining with passphrase: "hush \\" hush"', 'hush'],
    ["pwd='hush'", 'hush'],
    ['{"password":"hush"}', 'hush'],
    ['{"setupCode":"HVSH2345"}', 'HVSH'],
    ['setup code HVSH2345 was wrong', 'HVSH'],
    ['Setup-Code: HVSH2345', 'HVSH'],
    ['Einrichtungscode HVSH2345 ist falsch', 'HVSH'],
    ['PIN 482913 was refused', '482913'],
    ['pin=482913', '482913'],
    ['das Kennwort lautet hush', 'hush'],
    ['the passphrase is hush', 'hush'],
    ['Authorization: Basic dXNlcjpodXNo', 'dXNlcjpodXNo'],
    ['authorization=Bearer hush.hush.hush', 'hush'],
    ['sent Bearer hush.hush-hush', 'hush'],
    ['Set-Cookie: id=hush', 'hush'],
    ['GET https://user:hush@host/path', 'hush'],
    ['rtsp://hush@camera', 'hush'],
    ['https://host/?token=hush&lang=de', 'hush'],
    [`scanned IOTMC1:${UUID}:SN-1:HVSH2345`, 'HVSH'],
    [`iotmc1:${UUID}:sn-1:hvsh2345 again`, 'hvsh'],
    ['-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----', 'hush'],
    ['-----BEGIN EC PRIVATE KEY-----\\nhush\\n-----END EC PRIVATE KEY-----', 'hush'],
    ['-----BEGIN ENCRYPTED PRIVATE KEY----- hush cut', 'hush'],
    ['api_key: hush', 'hush'],
    ['wifi.psk = hush', 'hush'],
    ['access_token=hush;next=1', 'hush'],
  ])('%s', (text, secret) => {
    const clean = redactText(text)
    expect(clean).not.toContain(secret)
    expect(clean).toContain('[redacted]')
  })

  it.each([
    'the vault needs its passphrase',
    'sensor.range: temperature 21.5 °C is out of range',
    'PIN was changed by Operator 17',
    'https://192.0.2.1:8443/description.xml?lang=de',
    'mailed to nobody',
    'code: DEVICE_OFFLINE',
    'spinning up: 4 of 5',
    '2027-01-15T12:00:00Z keyed connector at slot 3',
    'Basic certificate accepted, roles: Public Basic',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  ])('stays as it is: %s', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('keeps what stands around a secret', () => {
    expect(redactText('GET https://user:hush@host/path?x=1 took 5 ms')).toBe(
      'GET https://[redacted]@host/path?x=1 took 5 ms',
    )
    expect(redactText('https://host/?token=hush&lang=de')).toBe('https://host/?token=[redacted]&lang=de')
    expect(redactText('password=hush user=Operator')).toBe('password=[redacted] user=Operator')
  })
})

it.each([
  ['Wifi.Passphrase', true],
  ['wifi.psk', true],
  ['stationPin', true],
  ['apiKey', true],
  ['Radio.Key', true],
  ['setup_code', true],
  ['credential', true],
  ['Authorization', true],
  ['publicKey', false],
  ['code', false],
  ['spin', false],
  ['Wifi.Ssid', false],
  ['keyboard', false],
  ['fingerprint', false],
])('knows whether a field named %s keeps a secret: %s', (name, is) => {
  expect(isSecretName(name)).toBe(is)
})

describe('by value', () => {
  const secret = 'Kühle Brise, 7"'
  it('what stands under a secret name is removed everywhere: plain, JSON, URL, base64, hex', () => {
    const redactor = new Redactor()
    redactor.study({ values: { 'Wifi.Passphrase': secret } })
    const forms = [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('hex').toUpperCase(),
    ]
    for (const form of forms)
      expect(redactor.text(`joined with ${form}!`)).toBe(`joined with ${redactedIn(form)}!`)
    expect(redactor.json({ message: `joined with ${secret}` })).not.toContain('Brise')
    expect(redactor.line(JSON.stringify({ msg: secret }))).not.toContain('Brise')
  })

  it('a parameter that is named beside its value is emptied too', () => {
    const redactor = new Redactor()
    const clean = redactor.json({
      parameters: [{ name: 'Wifi.Passphrase', type: 'string', default: 'hushhush' }],
    })
    expect(JSON.parse(clean)).toEqual({
      parameters: [{ name: 'Wifi.Passphrase', type: 'string', default: '[redacted]' }],
    })
    expect(redactor.text('hushhush')).toBe('[redacted]')
  })

  it('short values and words that are no secrets are not hunted in texts', () => {
    const redactor = new Redactor(['1234', 'WPA2-PSK', 'enabled'])
    expect(redactor.text('1234 records, WPA2-PSK enabled')).toBe('1234 records, WPA2-PSK enabled')
    expect(redactor.json({ pin: 1234 })).toBe('{"pin":"[redacted]"}')
  })

  it('bytes are counted, circles end, and a line that is not JSON is taken as text', () => {
    const redactor = new Redactor()
    const circle: Record<string, unknown> = { bytes: Buffer.from('hush') }
    circle.self = circle
    expect(redactor.json(circle)).toContain('[4 bytes]')
    expect(redactor.line('{"cut": "password=hush')).not.toContain('hush')
  })

  it('any secret in any field is gone, in every form', () => {
    const secrets = fc
      .string({ minLength: 8, maxLength: 40, unit: 'binary' })
      .filter((text) => text.trim().length >= 8 && text.trim() === text)
    fc.assert(
      fc.property(secrets, fc.jsonValue(), (hidden, noise) => {
        const redactor = new Redactor([hidden])
        const out = redactor.json({
          noise,
          name: hidden,
          [`a${hidden}`]: [`x ${hidden} y`, { deep: hidden }],
        })
        const parsed = JSON.stringify(JSON.parse(out))
        for (const form of [JSON.stringify(hidden).slice(1, -1), Buffer.from(hidden).toString('base64')])
          expect(parsed.includes(form) && !JSON.stringify(noise).includes(form)).toBe(false)
      }),
    )
  })
})

const redactedIn = (form: string): string => {
  if (form.startsWith('"')) return '"[redacted]"'
  return form.endsWith('=') ? `[redacted]${/=+$/.exec(form)?.[0]}` : '[redacted]'
}

it('ends also with texts that would keep a careless search busy for minutes: devices choose their words', () => {
  const secret = 'hunter2hunter2'
  for (const filler of ['a.', 'a', 'https'])
    for (const text of [
      `${filler.repeat(200_000)}.password=${secret}`,
      `${filler.repeat(200_000)}://u:${secret}@h`,
    ]) {
      expect(redactText(text)).not.toContain(secret)
    }
})
