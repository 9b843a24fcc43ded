import { stepDescriptions } from '@astrolabel/preprocess'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const named = Object.entries(stepDescriptions).flatMap(([step, { does, options, variants }]) =>
  variants === undefined
    ? [{ title: `\`${step}\``, does, options }]
    : Object.entries(variants.options).map(([variant, own]) => ({
        title: `\`${step}\`, \`${variants.by}: ${variant}\``,
        does,
        options: { ...options, ...own },
      })),
)

test.each(named)('the README tells what $title takes', ({ title, does, options }) => {
  const names = Object.keys(options).map((name) => `\`${name}\``)
  const cells = readme.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  expect(cells).toContainEqual(['', title, does, names.join(', '), ''])
})
