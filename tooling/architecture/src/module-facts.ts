import { isBuiltin } from 'node:module'
import { parseSync } from 'vite'

/** What the rules need to know of one source file. */
export interface ModuleFacts {
  /** Every module named by an import, an export-from, an `import()` or an `import('…')` type, once each. */
  readonly imports: readonly string[]
  /** Modules of `export * from`. */
  readonly starExports: readonly string[]
  /** Globals that only Node has. */
  readonly nodeGlobals: readonly string[]
}

const NODE_GLOBALS = new Set(['Buffer', 'process', '__dirname', '__filename', 'require', 'setImmediate', 'global'])

/**
 * Parses one TypeScript or JavaScript file, `file` for its extension and the message.
 *
 * Scopes are not followed: a local variable called `process` counts as the global, which asks for a better name anyway.
 * Throws when the file does not parse.
 */
export function moduleFacts(file: string, code: string): ModuleFacts {
  const { program, errors } = parseSync(file, code)
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`)
  const imports = new Set<string>()
  const starExports = new Set<string>()
  const nodeGlobals = new Set<string>()
  walk(program, (node) => {
    const source = moduleName(node)
    if (source !== undefined) imports.add(source)
    if (source !== undefined && node['type'] === 'ExportAllDeclaration') starExports.add(source)
    if (node['type'] === 'Identifier' && NODE_GLOBALS.has(String(node['name']))) nodeGlobals.add(String(node['name']))
  })
  return { imports: [...imports], starExports: [...starExports], nodeGlobals: [...nodeGlobals] }
}

/** True for `node:fs` and for `fs`. */
export function isNodeModule(specifier: string): boolean {
  return isBuiltin(specifier)
}

type Node = Record<string, unknown>

const SOURCED = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

function moduleName(node: Node): string | undefined {
  if (!SOURCED.has(String(node['type']))) return undefined
  const source = node['source']
  return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (!isNode(node)) return
  visit(node)
  for (const [key, child] of Object.entries(node)) {
    // `x.process` and `{process: 1}` name a property, not the global.
    if ((key === 'property' || key === 'key') && node['computed'] === false) continue
    for (const item of Array.isArray(child) ? child : [child]) walk(item, visit)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
