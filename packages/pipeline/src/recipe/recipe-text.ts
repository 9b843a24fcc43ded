import { AstrolabelError } from '@astrolabel/spectra'
import type { Document } from 'yaml'
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, visit } from 'yaml'
import type { Setting } from './setting.js'
import { parseSetting } from './setting.js'

/** Where something stands in a document. */
export type Path = readonly (string | number)[]

/** YAML text that knows where each of its keys stands, with settings from elsewhere laid over it. */
export class RecipeText {
  readonly name: string
  readonly #document: Document
  readonly #lines = new LineCounter()
  readonly #settings: readonly Setting[]

  /**
   * @param name How messages call the text.
   * @throws `recipe/yaml` for text that is not YAML, `recipe/setting` for an override that cannot be applied.
   */
  constructor(text: string, name: string, settings: readonly string[]) {
    this.name = name
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    this.#document = document
    const error = document.errors[0]
    if (error !== undefined)
      throw new AstrolabelError('recipe/yaml', `${this.#place(error.pos[0])} is not YAML`, { got: error.message })
    visit(document, {
      Alias: (_, alias) => {
        if (alias.resolve(document) === undefined)
          throw new AstrolabelError(
            'recipe/yaml',
            `${this.#place(alias.range?.[0] ?? 0)} refers to what is not there`,
            { got: `*${alias.source}`, expected: `an anchor &${alias.source} before it` },
          )
      },
    })
    this.#settings = settings.map((setting) => this.#apply(parseSetting(setting, 'train.order=3')))
  }

  /** The document as plain data. */
  toJS(): unknown {
    return this.#document.toJS()
  }

  /**
   * `name:line:column` of a path, of its nearest ancestor when it is not in the text itself; the setting that made it
   * when there is one.
   */
  where(path: Path): string {
    const setting = this.#settings.findLast((one) => one.path.every((key, i) => String(path[i]) === key))
    if (setting !== undefined) return `--set ${setting.text}:`
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offset(path.slice(0, length))
      if (offset !== undefined) return this.#place(offset)
    }
    return this.#place(this.#document.contents?.range?.[0] ?? 0)
  }

  #apply(setting: Setting): Setting {
    try {
      this.#document.setIn(setting.path, setting.value)
    } catch (cause) {
      throw new AstrolabelError(
        'recipe/setting',
        `--set ${setting.text}: ${setting.path.slice(0, -1).join('.')} has no keys of its own in ${this.name}`,
        { remedy: 'Set it as a whole', cause },
      )
    }
    return setting
  }

  #offset(path: Path): number | undefined {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true)
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
      return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
    }
    const node = this.#document.getIn(path, true)
    return isNode(node) ? node.range?.[0] : undefined
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.name}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
}
