import { palette } from './palette.js'

/** Colours of one scheme; figures take theirs from the text's. */
function scheme({ page, text }: { readonly page: string; readonly text: string }, line: string, quiet: string): string {
  return `--page:${page};--text:${text};--line:${line};--quiet:${quiet}`
}

/** The style sheet of the report: one column, light or dark as the reader's system asks, light on paper. */
export const reportStyle: string = `
:root{color-scheme:light dark;${scheme(palette.light, '#d9dde3', '#5b6470')}}
@media (prefers-color-scheme:dark){:root{${scheme(palette.dark, '#343a43', '#a3abb7')}}}
@media print{:root{color-scheme:light;${scheme(palette.light, '#d9dde3', '#5b6470')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
main{max-width:980px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:1.9em;line-height:1.2;margin:0 0 .4em}
h2{font-size:1.25em;margin:2.4em 0 .6em;padding-bottom:.25em;border-bottom:1px solid var(--line)}
p{max-width:44em;margin:.6em 0}
.summary{font-size:1.1em}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2em 1.2em;margin:1.2em 0 0;font-size:.92em}
a{color:inherit;text-decoration-color:${palette.data};text-underline-offset:.2em}
figure{margin:1.6em 0;break-inside:avoid}
.scroll{overflow-x:auto}
figure svg{display:block}
@media (max-width:700px){figure svg{max-width:none!important}}
figcaption,caption{color:var(--quiet);font-size:.9em;text-align:left;max-width:56em}
figcaption{margin-top:.5em}
caption{padding-bottom:.5em}
table{border-collapse:collapse;font-size:.92em;font-variant-numeric:tabular-nums}
th,td{padding:.32em .9em;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:0}
thead th{border-bottom:2px solid var(--line);font-weight:600;white-space:nowrap}
tbody th{font-weight:400}
.number{text-align:right;white-space:nowrap}
footer{margin-top:3em;color:var(--quiet);font-size:.88em}
footer dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1.2em;margin:0}
footer dt{font-weight:600}
footer dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,Menlo,'DejaVu Sans Mono',monospace;font-size:.94em}
`
