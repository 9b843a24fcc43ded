import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openPage } from '../src/browser.js'
import type { BrowserPage } from '../src/browser.js'
import { bundle } from '../src/bundle.js'
import type { Bundle } from '../src/bundle.js'
import type { Entry } from '../src/entry.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const names = readdirSync(join(root, 'entries')).map((file) => file.replace(/\.ts$/, ''))
const chromium = findChromium()

test('every package that this one depends on has an entry', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(names.map((name) => `@astrolabel/${name}`).sort()).toEqual(Object.keys(dependencies).sort())
})

describe('in a browser', () => {
  let bundled: Bundle
  let page: BrowserPage | undefined

  beforeAll(async () => {
    bundled = await bundle(Object.fromEntries(names.map((name) => [name, join(root, 'entries', `${name}.ts`)])), root)
    if (chromium) page = await openPage(chromium, bundled.files)
  }, 120_000)

  afterAll(async () => page?.close())

  test('no bundle needs a module of Node', () => {
    expect(bundled.missing).toEqual([])
  })

  test.for(names)('%s gives the answer that it gives in Node', async (name, { skip }) => {
    const entry: Entry = await import(`../entries/${name}.ts`)
    expect(round(await entry.run())).toEqual(entry.expected)
    if (!page) return skip('no Chromium: set CHROMIUM_PATH')
    expect(round(await page.run(`${name}.js`))).toEqual(entry.expected)
  })
})

/** Engines differ in the last digits of transcendental functions. */
function round(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, item) => (typeof item === 'number' ? Number(item.toPrecision(9)) : item))
}
