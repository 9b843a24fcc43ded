import { expect, test } from 'vitest'
import { findCycle } from '../src/graph.js'
import type { GraphNode } from '../src/graph.js'
import { moduleFacts } from '../src/module-facts.js'
import {
  boundaryViolations,
  browserViolations,
  dependencyViolations,
  developmentViolations,
  fileViolations,
  graphViolations,
} from '../src/rules.js'
import { countLines } from '../src/workspace.js'
import type { WorkspacePackage } from '../src/workspace.js'

const graph: Record<string, GraphNode> = {
  '@astrolabel/low': { folder: 'packages/low', floor: 1, owns: '', mayImport: [] },
  '@astrolabel/high': { folder: 'packages/high', floor: 2, owns: '', mayImport: ['@astrolabel/low'] },
  app: { folder: 'apps/app', floor: 'app', owns: '', mayImport: ['@astrolabel/high'] },
}

function pack(name: string, sources: Record<string, string>, rest: Partial<WorkspacePackage> = {}): WorkspacePackage {
  const files = Object.entries(sources).map(([path, code]) => ({
    path,
    lines: countLines(code),
    ...moduleFacts(path, code),
  }))
  const folder = graph[name]?.folder ?? 'packages/other'
  return {
    name,
    folder,
    isPrivate: false,
    dependencies: [],
    devDependencies: [],
    subpaths: ['.'],
    references: [],
    files,
    ...rest,
  }
}

test('finds every way to name a module', () => {
  const code = `import a from 'a'
    import type { B } from 'b'
    export { c } from 'c'
    export * from 'd'
    const e = import('e')
    export type F = import('f').F`
  expect(moduleFacts('x.ts', code)).toEqual({
    imports: ['a', 'b', 'c', 'd', 'e', 'f'],
    starExports: ['d'],
    nodeGlobals: [],
  })
})

test('tells the globals of Node from properties of that name', () => {
  const code = 'const step = { process: 1 }; step.process; interface S { process(): void }; class C { process() {} }'
  expect(moduleFacts('x.ts', code).nodeGlobals).toEqual([])
  expect(moduleFacts('x.ts', 'export const b: Buffer = Buffer.alloc(process.pid)').nodeGlobals).toEqual([
    'Buffer',
    'process',
  ])
})

test('a file that does not parse is named', () => {
  expect(() => moduleFacts('broken.ts', 'const = 1')).toThrow(/broken\.ts does not parse/)
})

test('a package outside the graph, one that is gone, an arrow upwards, and a cycle', () => {
  expect(graphViolations({ '@astrolabel/low': graph['@astrolabel/low']! }, [pack('other', {})])).toEqual([
    'other is not in the graph',
    'the graph has @astrolabel/low in packages/low, the workspace in none',
  ])
  const upward = { ...graph['@astrolabel/low']!, mayImport: ['@astrolabel/high'] }
  expect(
    graphViolations(
      { ...graph, '@astrolabel/low': upward },
      Object.keys(graph).map((name) => pack(name, {})),
    ),
  ).toEqual([
    '@astrolabel/low is not above @astrolabel/high',
    'the graph has a cycle: @astrolabel/low → @astrolabel/high → @astrolabel/low',
  ])
  expect(findCycle({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c', 'b'])
  expect(findCycle({ a: ['b', 'c'], b: ['c'], c: [] })).toBeUndefined()
})

test('an import that points up, and one that nobody declares', () => {
  const upward = pack('@astrolabel/low', { 'src/index.ts': `export { x } from '@astrolabel/high'` })
  expect(dependencyViolations(graph, upward)).toEqual([
    '@astrolabel/low imports @astrolabel/high, which the graph does not allow',
    '@astrolabel/low imports @astrolabel/high without depending on it',
    '@astrolabel/low tsconfig.json lacks a reference to @astrolabel/high',
  ])
})

test('a dependency and a reference that nothing imports', () => {
  const idle = pack('@astrolabel/high', {}, { dependencies: ['@astrolabel/low', 'yaml'], references: ['packages/low'] })
  expect(dependencyViolations(graph, idle)).toEqual([
    '@astrolabel/high depends on @astrolabel/low and never imports it',
    '@astrolabel/high tsconfig.json refers to @astrolabel/low, never imported',
  ])
})

test('a test that imports what is not declared, and a cycle through devDependencies', () => {
  const tested = pack('@astrolabel/low', { 'test/a.test.ts': `import { x } from '@astrolabel/high'` })
  expect(developmentViolations(graph, [tested])).toEqual([
    'packages/low/test/a.test.ts imports @astrolabel/high, which package.json does not declare',
  ])
  const low = pack('@astrolabel/low', {}, { devDependencies: ['@astrolabel/high'] })
  const high = pack('@astrolabel/high', {}, { dependencies: ['@astrolabel/low'] })
  expect(developmentViolations(graph, [low, high])).toEqual([
    'dependencies make a cycle: @astrolabel/low → @astrolabel/high → @astrolabel/low',
  ])
})

test('Node in a file that runs in a browser, and in one that does not', () => {
  const code = `import 'node:fs'\nimport 'path'\nimport './file.node.js'\nimport '@astrolabel/low/node'\nprocess.exit()`
  expect(browserViolations(graph, pack('@astrolabel/high', { 'src/a.ts': code }))).toEqual([
    'packages/high/src/a.ts imports node:fs, which needs Node',
    'packages/high/src/a.ts imports path, which needs Node',
    'packages/high/src/a.ts imports ./file.node.js, which needs Node',
    'packages/high/src/a.ts imports @astrolabel/low/node, which needs Node',
    'packages/high/src/a.ts uses process, which only Node has',
  ])
  expect(browserViolations(graph, pack('@astrolabel/high', { 'src/a.node.ts': code }))).toEqual([])
  expect(browserViolations(graph, pack('app', { 'src/a.ts': code }))).toEqual([])
})

test('a path that leaves the package, and an import past the exports map', () => {
  const low = pack('@astrolabel/low', {}, { subpaths: ['.', './node'] })
  const code = `import '../../low/src/a.js'\nimport '@astrolabel/low/dist/a.js'\nimport '@astrolabel/low/node'\nimport './b.js'`
  expect(boundaryViolations([low], pack('@astrolabel/high', { 'test/a.test.ts': code }))).toEqual([
    'packages/high/test/a.test.ts reaches into another package: ../../low/src/a.js',
    'packages/high/test/a.test.ts reaches into another package: @astrolabel/low/dist/a.js',
  ])
})

test('export * and a file that is too long', () => {
  const files = {
    'src/index.ts': `export * from './a.js'`,
    'src/long.ts': '\n'.repeat(501),
    'src/full.ts': '\n'.repeat(500),
  }
  expect(fileViolations(pack('@astrolabel/low', files))).toEqual([
    `packages/low/src/index.ts has export * from './a.js': name what it exports`,
    'packages/low/src/long.ts has 501 lines, at most 500',
  ])
})
