/**
 * YAML: one document for each device, so that a long file is read piece by piece. Every value is text, whatever it
 * looks like (`on`, `0777`, `1.50`); anchors, aliases, tags and directives are refused.
 */
import { isAlias, isMap, isScalar, type Node, parseDocument, stringify, visit } from 'yaml'
import { type FileDevice, FileRules, invalid, shown } from './file-rules'

const DOCUMENT_MAX = 256 * 1024

/** The text of the file. */
export const writeYaml = (devices: readonly FileDevice[]): string =>
  devices
    .map(({ udn, model, serial, values }) =>
      stringify({ device: udn, model, serial, values }, { lineWidth: 0, aliasDuplicateObjects: false }),
    )
    .map((document) => `---\n${document}`)
    .join('')

/** Errors: FILE_INVALID with the place of the device in the file. */
export const readYaml = async (text: string): Promise<readonly FileDevice[]> => {
  const rules = new FileRules()
  let place = 0
  for (const document of documents(text)) {
    if (document.split('\n').every((line) => /^\s*(#|$)/.test(line))) continue
    place += 1
    readDevice(document, `device ${place}`, rules)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return rules.devices
}

/** `---` at the beginning of a line begins a document, wherever it stands. */
function* documents(text: string): Generator<string> {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
  let from = 0
  for (const { index } of plain.matchAll(/^---(?=[ \t\n]|$)/gm)) {
    yield plain.slice(from, index)
    from = index + 3
  }
  yield plain.slice(from)
}

const readDevice = (text: string, where: string, rules: FileRules): void => {
  const fields = readMap(parse(text, where), where)
  const facts = { device: '', model: '', serial: '' }
  const values: [string, string][] = []
  for (const [key, node] of fields) {
    if (key === 'values') {
      for (const [name, value] of readMap(node, where)) {
        rules.name(where, name)
        values.push([name, readText(value, where, name)])
      }
    } else if (key === 'device' || key === 'model' || key === 'serial') {
      facts[key] = readText(node, where, key)
    } else {
      throw invalid(where, `${shown(key)} is not known`)
    }
  }
  rules.add(where, { udn: facts.device, model: facts.model, serial: facts.serial }, values)
}

const parse = (text: string, where: string): Node | null => {
  if (text.length > DOCUMENT_MAX) throw invalid(where, 'it is too long')
  try {
    return parseStrictly(text, where)
  } catch (thrown) {
    // The reader works by recursion: what is nested too deep for it ends here.
    if (thrown instanceof RangeError) throw invalid(where, 'it is nested too deep', thrown)
    throw thrown
  }
}

const parseStrictly = (text: string, where: string): Node | null => {
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.2',
    // The library compares each with each; `readMap` does it in one go.
    uniqueKeys: false,
    strict: true,
    stringKeys: true,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem) throw invalid(where, problem.code.toLowerCase().replaceAll('_', ' '), problem)
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node) || ('anchor' in node && node.anchor !== undefined))
        throw invalid(where, 'anchors and aliases are not allowed')
      if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
        throw invalid(where, 'tags are not allowed')
    },
  })
  return document.contents
}

const readMap = (node: unknown, where: string): [string, unknown][] => {
  if (!isMap(node)) throw invalid(where, 'device, model, serial and values are expected')
  const seen = new Set<string>()
  return node.items.map(({ key, value }) => {
    const name = readText(key, where, 'a name')
    if (seen.has(name)) throw invalid(where, `${shown(name)} stands there twice`)
    seen.add(name)
    return [name, value]
  })
}

const readText = (node: unknown, where: string, what: string): string => {
  if (isScalar(node) && typeof node.value === 'string') {
    if (node.value === '' && node.type === 'PLAIN')
      throw invalid(where, `${what} has no value; the empty text is written as ""`)
    return node.value
  }
  throw invalid(where, `${what} is not a text`)
}
