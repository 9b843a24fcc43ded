import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { moduleFacts } from './module-facts.js'
import type { ModuleFacts } from './module-facts.js'

/** The root of the workspace, absolute. */
export const workspaceRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

export interface SourceFile extends ModuleFacts {
  /** Path from the package's folder, with `/`. */
  readonly path: string
  readonly lines: number
}

export interface WorkspacePackage {
  readonly name: string
  /** Path from the root, with `/`. */
  readonly folder: string
  readonly isPrivate: boolean
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** Keys of the exports map: `.`, `./node`. */
  readonly subpaths: readonly string[]
  /** Folders that tsconfig.json refers to, from the root, with `/`; undefined when there is no tsconfig.json. */
  readonly references: readonly string[] | undefined
  readonly files: readonly SourceFile[]
}

const IGNORED_FOLDERS = new Set(['node_modules', 'dist', 'generated'])
const SOURCE = /\.(?:ts|mts|js|mjs)$/

/** Reads every package of the workspace with the facts about its sources, tests, benches and scripts. */
export function readWorkspace(root: string = workspaceRoot): WorkspacePackage[] {
  return ['packages', 'apps', 'tooling'].flatMap((group) =>
    readdirSync(join(root, group))
      .filter((name) => existsSync(join(root, group, name, 'package.json')))
      .map((name) => readPackage(root, `${group}/${name}`)),
  )
}

/** Lines of a text; a final newline does not begin one. */
export function countLines(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
}

interface Manifest {
  name: string
  private?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  exports?: Record<string, unknown>
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const absolute = join(root, folder)
  const manifest: Manifest = readJson(join(absolute, 'package.json'))
  return {
    name: manifest.name,
    folder,
    isPrivate: manifest.private ?? false,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    subpaths: Object.keys(manifest.exports ?? {}),
    references: readReferences(root, absolute),
    files: listSources(absolute).map((path) => readSource(absolute, path)),
  }
}

function readReferences(root: string, absolute: string): string[] | undefined {
  const file = join(absolute, 'tsconfig.json')
  if (!existsSync(file)) return undefined
  const { references = [] } = readJson<{ references?: { path: string }[] }>(file)
  return references.map(({ path }) => relative(root, join(absolute, path)).split(sep).join('/'))
}

function readSource(absolute: string, path: string): SourceFile {
  const code = readFileSync(join(absolute, path), 'utf8')
  // AssemblyScript has decorators and types of its own: only its size is looked at.
  if (path.startsWith('assembly/')) {
    return { path, lines: countLines(code), imports: [], starExports: [], nodeGlobals: [] }
  }
  return { path, lines: countLines(code), ...moduleFacts(path, code) }
}

function listSources(absolute: string, folder = ''): string[] {
  return readdirSync(join(absolute, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : listSources(absolute, path)
    return SOURCE.test(entry.name) ? [path] : []
  })
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}
