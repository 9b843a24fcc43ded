import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { graph, runsInBrowser } from '../src/graph.js'
import { graphTable } from '../src/graph-table.js'
import {
  boundaryViolations,
  browserViolations,
  dependencyViolations,
  developmentViolations,
  fileViolations,
  graphViolations,
} from '../src/rules.js'
import { readWorkspace, workspaceRoot } from '../src/workspace.js'

const packages = readWorkspace()

test('the graph names the packages of the workspace and has no cycle', () => {
  expect(graphViolations(graph, packages)).toEqual([])
})

test('imports, dependencies and project references agree with the graph', () => {
  expect(packages.flatMap((pack) => dependencyViolations(graph, pack))).toEqual([])
})

test('tests and benches declare what they import', () => {
  expect(developmentViolations(graph, packages)).toEqual([])
})

test('floors 1 to 3 need Node only in *.node.ts', () => {
  expect(packages.flatMap((pack) => browserViolations(graph, pack))).toEqual([])
})

test('every package of floors 1 to 3 is called in a browser', () => {
  const called = packages.find(({ name }) => name === '@astrolabel/browser-check')?.dependencies ?? []
  expect([...called].sort()).toEqual(
    Object.keys(graph)
      .filter((name) => runsInBrowser(graph[name]!))
      .sort(),
  )
})

test('no package reaches into the files of another', () => {
  expect(packages.flatMap((pack) => boundaryViolations(packages, pack))).toEqual([])
})

test('files say what they export and stay short', () => {
  expect(packages.flatMap((pack) => fileViolations(pack))).toEqual([])
})

test('docs/architecture.md shows the graph as the code has it', () => {
  const page = readFileSync(join(workspaceRoot, 'docs/architecture.md'), 'utf8')
  const shown = /<!-- graph -->\n(.*?)\n<!-- \/graph -->/s.exec(page)?.[1]
  expect(shown).toBe(graphTable(graph))
})
