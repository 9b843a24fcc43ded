import type { GraphNode } from './graph.js'

/** The graph as the Markdown table of docs/architecture.md, apps first and floor 1 last, tooling below. */
export function graphTable(graph: Readonly<Record<string, GraphNode>>): string {
  const order = ['app', 4, 3, 2, 1, 'tooling']
  const nodes = Object.entries(graph)
  const rows = order.flatMap((floor) => nodes.filter(([, node]) => node.floor === floor).map(row))
  return ['| floor | folder | owns | may import |', '|---|---|---|---|', ...rows].join('\n')

  function row([, node]: [string, GraphNode]): string {
    return `| ${node.floor} | \`${node.folder}\` | ${node.owns} | ${imports(node)} |`
  }

  function imports(node: GraphNode): string {
    const below = nodes.filter(([, other]) => typeof other.floor === 'number' && other.floor < Number(node.floor))
    if (node.mayImport.length === 0) return '–'
    if (node.floor === 4 && below.every(([name]) => node.mayImport.includes(name))) return 'everything below'
    if (node.folder === 'tooling/browser-check') return 'floors 1 to 3'
    return node.mayImport.map((name) => name.replace('@astrolabel/', '')).join(', ')
  }
}
