import { pullHistogram, renderReport } from '@astrolabel/figures'
import type { Report } from '@astrolabel/figures'
import { labelInfo } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { parse } from './well-formed.ts'

const svg = pullHistogram([{ label: labelInfo('teff'), z: [0, 1, -1] }])
const report: Report = {
  title: 'Labels of 300 giants',
  summary: 'Teff to 74 K.',
  sections: [
    {
      heading: 'Accuracy',
      paragraphs: ['Held-out stars.', 'All of them.'],
      tables: [
        {
          caption: 'Residuals',
          columns: ['label', 'n', 'bias', 'rmse', 'interval'],
          rows: [
            ['Teff', 300, -11.04, 74.32, '-4.1 … 3.9'],
            ['[Fe/H]', 299, -0.0021, 0.0537, '−0.004 … 0.009'],
            ['2M0001+85', null, Number.NaN, Infinity, '–'],
          ],
        },
        { caption: 'Flags', columns: ['flag', 'stars'], rows: [['OUTSIDE_HULL', 3]] },
      ],
      figures: [{ caption: 'Pulls', svg }],
    },
    { heading: 'Catalogue', tables: [{ caption: 'Empty', columns: ['a'], rows: [] }] },
  ],
  provenance: { recipe: 'demo.yaml', seed: 42, options: { order: 2 } },
}

test('every table is there with every cell, numbers to the right', () => {
  const tables = [...parse(renderReport(report)).querySelectorAll('table')]
  expect(tables.map((table) => table.querySelector('caption')!.textContent)).toEqual(['Residuals', 'Flags', 'Empty'])
  const cells = [...tables[0]!.querySelectorAll('tr')].map((row) =>
    [...row.querySelectorAll('th,td')].map((cell) => cell.textContent),
  )
  expect(cells).toEqual([
    ['label', 'n', 'bias', 'rmse', 'interval'],
    ['Teff', '300', '−11.0', '74.3', '−4.1 … 3.9'],
    ['[Fe/H]', '299', '−0.0021', '0.054', '−0.004 … 0.009'],
    ['2M0001+85', '–', '–', '∞', '–'],
  ])
  const aligned = [...tables[0]!.querySelectorAll('thead th')].map((cell) => cell.className)
  expect(aligned).toEqual(['', 'number', 'number', 'number', 'number'])
})

test('sections, paragraphs, figures and provenance are there, contents link to the sections', () => {
  const document = parse(renderReport(report))
  expect(document.querySelector('h1')!.textContent).toBe('Labels of 300 giants')
  expect([...document.querySelectorAll('h2')].map((h) => h.textContent)).toEqual([
    'Accuracy',
    'Catalogue',
    'Provenance',
  ])
  expect([...document.querySelectorAll('section p')].map((p) => p.textContent)).toEqual([
    'Held-out stars.',
    'All of them.',
  ])
  expect(document.querySelectorAll('figure svg')).toHaveLength(1)
  expect(
    [...document.querySelectorAll('nav a')].map(
      (a) => document.querySelector(a.getAttribute('href')!)?.querySelector('h2')?.textContent,
    ),
  ).toEqual(['Accuracy', 'Catalogue'])
  expect([...document.querySelectorAll('dd')].map((dd) => dd.textContent)).toEqual(['demo.yaml', '42', '{"order":2}'])
})

test('it needs nothing else: no script, no request, and forbids both', () => {
  const html = renderReport(report)
  expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|src=/i)
  expect(html.match(/https?:\/\/[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  expect(html).toContain('prefers-color-scheme:dark')
  expect(renderReport(report)).toBe(html)
})

test('markup in any text is shown, not obeyed', () => {
  const evil = '<img src=x onerror=alert(1)>"\'&</td></style><script>'
  const html = renderReport({
    title: evil,
    summary: evil,
    sections: [
      {
        heading: evil,
        paragraphs: [evil],
        tables: [{ caption: evil, columns: [evil], rows: [[evil]] }],
        figures: [{ caption: evil, svg }],
      },
    ],
    provenance: { [evil]: evil, object: { [evil]: evil } },
  })
  const document = parse(html)
  expect(document.querySelectorAll('img, script')).toHaveLength(0)
  expect(html).not.toContain('<img')
  for (const where of [
    'h1',
    '.summary',
    'h2',
    'section p',
    'caption',
    'thead th',
    'tbody th',
    'figcaption',
    'dt',
    'dd',
  ]) {
    expect(
      [...document.querySelectorAll(where)].some((element) => element.textContent!.includes(evil)),
      where,
    ).toBe(true)
  }
})

test('a row that does not fit its table and a figure that is not a plain SVG are refused', () => {
  const withTable = (rows: string[][]): Report => ({
    ...report,
    sections: [{ heading: 'x', tables: [{ caption: 'T', columns: ['a', 'b'], rows }] }],
  })
  expect(() => renderReport(withTable([['1']]))).toThrow(
    'Row 0 of table "T" does not fit its columns: got 1 cells, expected 2',
  )
  for (const bad of ['<p>hello</p>', '', '<svg><script>1</script></svg>', '<svg onload="x()"></svg>']) {
    expect(() =>
      renderReport({ ...report, sections: [{ heading: 'x', figures: [{ caption: 'F', svg: bad }] }] }),
    ).toThrow(expect.objectContaining({ code: 'report/not-svg' }))
  }
})
