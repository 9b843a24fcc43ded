import { parseHTML } from 'linkedom'

/** Names of all elements of an XML document, in order; throws where it is not well-formed. */
export function elementsOf(xml: string): string[] {
  const names: string[] = []
  const open: string[] = []
  const rest = xml.replace(
    /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, close: string, name: string, attributes: string, empty: string) => {
      const keys = [...attributes.matchAll(/\s([a-zA-Z:-]+)=/g)].map(([, key]) => key)
      if (new Set(keys).size !== keys.length) throw new Error(`attribute twice in ${name}: ${attributes}`)
      if (close === '/') {
        if (open.pop() !== name) throw new Error(`</${name}> closes nothing`)
      } else {
        names.push(name)
        if (empty === '') open.push(name)
      }
      return ''
    },
  )
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`)
  const stray =
    /<|&(?!(amp|lt|gt|quot|#39);)/.exec(rest) ?? /&(?!(amp|lt|gt|quot|#39);)|NaN|undefined|Infinity/.exec(xml)
  if (stray !== null)
    throw new Error(`stray ${stray[0]} at ${xml.slice(Math.max(0, stray.index - 30), stray.index + 30)}`)
  return names
}

/** Parsed for queries. */
export function parse(markup: string): Document {
  return parseHTML(markup.startsWith('<!doctype') ? markup : `<!doctype html><html><body>${markup}</body></html>`)
    .document
}

/** Text of a figure as a reader sees it. */
export function textOf(svg: string): string[] {
  return [...parse(svg).querySelectorAll('text')].map((element) => element.textContent ?? '')
}

/** Points drawn, inside the frames and as triangles at their edges. */
export function pointCounts(svg: string): { inside: number; beyond: number } {
  const count = (name: string): number =>
    [...parse(svg).querySelectorAll(`path.${name}`)].reduce(
      (sum, path) => sum + (path.getAttribute('d')!.match(/M/g)?.length ?? 0),
      0,
    )
  return { inside: count('points'), beyond: count('beyond') }
}
