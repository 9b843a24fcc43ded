import { AstrolabelError } from '@astrolabel/spectra'
import { parseDocument } from 'yaml'

/** `key=value` from the command line. */
export interface Setting {
  /** As it was given. */
  readonly text: string
  /** The key, split at its dots. */
  readonly path: readonly string[]
  /** The value as YAML reads it; the text itself when that is not YAML. */
  readonly value: unknown
}

/**
 * A setting of the command line: dots between nested keys, the value as YAML.
 *
 * @param example What a right one looks like, for the message.
 * @throws `recipe/setting` for one without a key or `=`.
 */
export function parseSetting(text: string, example: string): Setting {
  const at = text.indexOf('=')
  const path = text.slice(0, Math.max(at, 0)).split('.')
  if (path.includes(''))
    throw new AstrolabelError('recipe/setting', 'A setting needs the form key=value', {
      got: text,
      remedy: `For example --set ${example}`,
    })
  const after = text.slice(at + 1)
  const value = parseDocument(after)
  return { text, path, value: value.errors.length > 0 ? after : (value.toJS() as unknown) }
}

/** Put the value of a setting where its key says. */
export function applySetting(options: Record<string, unknown>, { path, value }: Setting): void {
  let target = options
  for (const key of path.slice(0, -1)) {
    const inner = target[key]
    target = target[key] = typeof inner === 'object' && inner !== null ? { ...inner } : {}
  }
  target[path.at(-1)!] = value
}
