import { posix } from 'node:path'
import { findCycle, runsInBrowser } from './graph.js'
import type { GraphNode } from './graph.js'
import { isNodeModule } from './module-facts.js'
import type { SourceFile, WorkspacePackage } from './workspace.js'

export type Graph = Readonly<Record<string, GraphNode>>

/** A file longer than this is two concepts. */
const MAX_LINES = 500

/** The graph and the workspace name the same packages in the same folders; the graph points down and has no cycle. */
export function graphViolations(graph: Graph, packages: readonly WorkspacePackage[]): string[] {
  const folders = new Map(packages.map(({ name, folder }) => [name, folder]))
  const known = Object.entries(graph)
  const cycle = findCycle(Object.fromEntries(known.map(([name, node]) => [name, node.mayImport])))
  return [
    ...packages.filter(({ name }) => !(name in graph)).map(({ name }) => `${name} is not in the graph`),
    ...known
      .filter(([name, node]) => folders.get(name) !== node.folder)
      .map(
        ([name, { folder }]) => `the graph has ${name} in ${folder}, the workspace in ${folders.get(name) ?? 'none'}`,
      ),
    ...known.flatMap(([name, node]) =>
      node.mayImport.filter((other) => !isBelow(graph[other], node)).map((other) => `${name} is not above ${other}`),
    ),
    ...(cycle ? [`the graph has a cycle: ${cycle.join(' → ')}`] : []),
  ]
}

/** What one package imports, declares and refers to, held against the graph. */
export function dependencyViolations(graph: Graph, pack: WorkspacePackage): string[] {
  const allowed = new Set(graph[pack.name]?.mayImport)
  const imported = new Set(pack.files.filter(isSource).flatMap((file) => workspaceImports(graph, pack, file)))
  const declared = new Set(pack.dependencies.filter((name) => name in graph))
  const referred = new Set((pack.references ?? []).map((folder) => nameOf(graph, folder)))
  const complaints: string[] = []
  for (const name of imported)
    if (!allowed.has(name)) complaints.push(`imports ${name}, which the graph does not allow`)
  for (const name of declared) if (!imported.has(name)) complaints.push(`depends on ${name} and never imports it`)
  for (const name of imported) if (!declared.has(name)) complaints.push(`imports ${name} without depending on it`)
  if (pack.references) {
    for (const name of referred)
      if (!imported.has(name)) complaints.push(`tsconfig.json refers to ${name}, never imported`)
    for (const name of imported) if (!referred.has(name)) complaints.push(`tsconfig.json lacks a reference to ${name}`)
  }
  return complaints.map((complaint) => `${pack.name} ${complaint}`)
}

/** Tests and benches may lean on any package that is declared for them, as long as the graph stays free of cycles. */
export function developmentViolations(graph: Graph, packages: readonly WorkspacePackage[]): string[] {
  const undeclared = packages.flatMap((pack) => {
    const declared = [...pack.dependencies, ...pack.devDependencies]
    return pack.files.flatMap((file) =>
      workspaceImports(graph, pack, file)
        .filter((name) => !declared.includes(name))
        .map((name) => `${pack.folder}/${file.path} imports ${name}, which package.json does not declare`),
    )
  })
  const edges = packages.map(({ name, dependencies, devDependencies }) => {
    return [name, [...dependencies, ...devDependencies].filter((other) => other in graph)] as const
  })
  const cycle = findCycle(Object.fromEntries(edges))
  return [...undeclared, ...(cycle ? [`dependencies make a cycle: ${cycle.join(' → ')}`] : [])]
}

/** Floors 1 to 3 run in a browser: Node's modules and globals only in files named `*.node.ts`, which nobody else imports. */
export function browserViolations(graph: Graph, pack: WorkspacePackage): string[] {
  const node = graph[pack.name]
  if (!node || !runsInBrowser(node)) return []
  const files = pack.files.filter((file) => isSource(file) && !file.path.endsWith('.node.ts'))
  return files.flatMap((file) => [
    ...file.imports.filter(needsNode).map((name) => `${pack.folder}/${file.path} imports ${name}, which needs Node`),
    ...file.nodeGlobals.map((name) => `${pack.folder}/${file.path} uses ${name}, which only Node has`),
  ])
}

/** Other packages are reached by their name and the subpaths that they export, never by their files. */
export function boundaryViolations(packages: readonly WorkspacePackage[], pack: WorkspacePackage): string[] {
  return pack.files.flatMap((file) =>
    file.imports
      .filter((specifier) => leavesPackage(file, specifier) || isDeepImport(packages, specifier))
      .map((specifier) => `${pack.folder}/${file.path} reaches into another package: ${specifier}`),
  )
}

/** Files that say what they export, and are short enough to be one concept. */
export function fileViolations(pack: WorkspacePackage): string[] {
  return pack.files.flatMap((file) => [
    ...file.starExports.map((name) => `${pack.folder}/${file.path} has export * from '${name}': name what it exports`),
    ...(file.lines > MAX_LINES ? [`${pack.folder}/${file.path} has ${file.lines} lines, at most ${MAX_LINES}`] : []),
  ])
}

/** Among the floors with a number imports point to a lower one; apps and tooling may use them all. */
function isBelow(other: GraphNode | undefined, node: GraphNode): boolean {
  return typeof node.floor !== 'number' || (typeof other?.floor === 'number' && other.floor < node.floor)
}

function isSource({ path }: SourceFile): boolean {
  return path.startsWith('src/') || path.startsWith('entries/')
}

function workspaceImports(graph: Graph, pack: WorkspacePackage, file: SourceFile): string[] {
  return [...new Set(file.imports.map(packageName))].filter((name) => name in graph && name !== pack.name)
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function nameOf(graph: Graph, folder: string): string {
  return Object.keys(graph).find((name) => graph[name]?.folder === folder) ?? folder
}

function needsNode(specifier: string): boolean {
  return (
    isNodeModule(specifier) || /^\..*\.node\.[jt]s$/.test(specifier) || /^@astrolabel\/[^/]+\/node$/.test(specifier)
  )
}

function leavesPackage(file: SourceFile, specifier: string): boolean {
  return specifier.startsWith('.') && posix.join(posix.dirname(file.path), specifier).startsWith('..')
}

function isDeepImport(packages: readonly WorkspacePackage[], specifier: string): boolean {
  const target = packages.find(({ name }) => name === packageName(specifier))
  return target !== undefined && !target.subpaths.includes(`.${specifier.slice(target.name.length)}`)
}
