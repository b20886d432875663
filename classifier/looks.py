"""The looks of a page go out, as CSS: light and dark ground, telephones, paper; what the page says is unknown here."""

__all__ = ["STYLE"]

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --ink: #1d1f21; --muted: #5c6066; --line: #d8d9d6; --wash: #f1f2ee; --accent: #0d6073; --mark: #fdeeb5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --ink: #e4e4df; --muted: #a0a5aa; --line: #3b4045; --wash: #1e2226; --accent: #66c2d6; --mark: #4d4318;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
}
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.page { max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
main > *, header > * { min-width: 0; }
header p, main p { max-width: 42rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 {
  font-size: 1.3rem; line-height: 1.25; margin: 3.5rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line);
  letter-spacing: -.01em;
}
h3 { font-size: 1rem; margin: 2rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .5rem 0 1rem; }
small, .small, figcaption, caption { font-size: .875rem; line-height: 1.45; color: var(--muted); }
nav ol {
  list-style: none; margin: 1.5rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .875rem;
}
nav a { color: var(--muted); text-decoration: none; }
nav a:hover { color: var(--accent); text-decoration: underline; }
@media (min-width: 70rem) {
  .page { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); column-gap: 2.75rem; }
  header, main { grid-column: 2; }
  header { grid-row: 1; }
  nav { grid-column: 1; grid-row: 1 / span 2; }
  nav ol { position: sticky; top: 2.5rem; margin-top: .7rem; display: block; line-height: 1.35; }
  nav li { margin-bottom: .6rem; }
}
.scroll {  /* a shade on the right says that there is more; the end of the table covers it */
  overflow-x: auto; margin: 1.25rem 0;
  background: linear-gradient(to left, var(--paper) 1rem, transparent) right / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--line), transparent) right / 1rem 100% no-repeat scroll;
}
table {
  border-collapse: separate; border-spacing: 0; font-size: .84375rem; line-height: 1.125rem;
  font-variant-numeric: tabular-nums;
}
table.full { width: 100%; }
caption { text-align: left; padding: 0 0 .6rem; max-width: min(42rem, calc(100vw - 2.5rem)); }
th, td { padding: .4375rem .5rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
thead th { font-weight: 600; vertical-align: bottom; color: var(--muted); border-bottom-color: var(--muted); }
thead th { overflow-wrap: normal; }
th[scope=row] {
  position: sticky; left: 0; z-index: 1; background: var(--paper); text-align: left; font-weight: 500;
  min-width: 6.5rem; max-width: 22rem; overflow-wrap: anywhere;
}
th:first-child { text-align: left; }
td.word { text-align: left; overflow-wrap: anywhere; }
td small { display: block; white-space: nowrap; font-size: .75rem; line-height: 1rem; }
tr.sum th, tr.sum td { background: var(--wash); }
table.full td small { display: inline; margin-left: .5em; }
tr.few, td.few { color: var(--muted); font-style: italic; }
@media (max-width: 40rem) {
  table.full td small { display: block; margin: 0; }
  table.full th, table.full td { padding-left: .25rem; padding-right: .25rem; }
  table.full th:first-child, table.full td:first-child { padding-left: 0; }
  table.full tr > :last-child { display: none; }
}
.bar {
  position: relative; display: block; height: 1.2rem; min-width: 9rem; max-width: 22rem; margin-left: .75rem;
  background: linear-gradient(var(--line), var(--line)) 0 50% / 100% 1px no-repeat;
}
.bar, .bar::before, .bar::after { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar::before, .bar::after { content: ""; position: absolute; background: var(--accent); }
.bar::before {
  left: calc(var(--low) * 100%); width: calc((var(--high) - var(--low)) * 100%); top: calc(50% - 1.5px); height: 3px;
}
.bar::after {
  left: calc(var(--value) * 100% - .275rem); width: .55rem; height: .55rem; border-radius: 50%; top: calc(50% - .275rem);
}
.few .bar { --accent: var(--muted); }
td.tint {
  background: color-mix(in srgb, var(--accent) calc(min(var(--share), 1) * 38%), transparent);
  print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
.plots {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.75rem 1.5rem;
  margin: 1.25rem 0;
}
figure { margin: 0; min-width: 0; break-inside: avoid; }
.plots figure { display: flex; flex-direction: column; justify-content: space-between; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
figure svg * { stroke-linejoin: round; }
figure.wide { max-width: 28rem; margin: 1.25rem 0; }
figure.few { --accent: var(--muted); color: var(--muted); }
figcaption { margin-bottom: .35rem; }
figcaption strong { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
#mistakes h3 { font-size: 1.1rem; margin: 2.5rem 0 .9rem; }
.case { font-size: .9375rem; margin: 0 0 1.4rem; max-width: 46rem; break-inside: avoid; }
.case p { margin: .15rem 0; overflow-wrap: anywhere; }
.case blockquote { margin: .3rem 0; padding-left: .9rem; border-left: 2px solid var(--line); overflow-wrap: anywhere; }
mark {
  background: var(--mark); color: inherit; padding: .05em .1em; print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
.doubt { color: var(--accent); font-weight: 600; }
.terms { columns: 2 16rem; column-gap: 2.5rem; }
.terms > div { break-inside: avoid; margin-bottom: 1rem; }
.terms h3 { margin-top: 0; }
.terms p { margin: 0; font-size: .9375rem; overflow-wrap: anywhere; }
.terms span { color: var(--muted); }
.made {
  display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .2rem 1.25rem; font-size: .875rem;
  margin: .5rem 0;
}
.made dt { color: var(--muted); }
.made dd { margin: 0; overflow-wrap: anywhere; }
.absent { color: var(--muted); font-style: italic; }
@media print {
  :root { --paper: #fff; --ink: #000; --muted: #555; --line: #ccc; --wash: #f3f3f3; --accent: #0d6073; --mark: #fdeeb5; }
  @page { margin: 16mm 14mm; }
  html { font-size: 9.5pt; }
  .page { display: block; max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3, section > p { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
  tr, p { break-inside: avoid; }
  .scroll { overflow: visible; break-inside: avoid; background: none; }
  table { font-size: .82rem; }
  th, td { padding: .25rem .35rem; }
  th[scope=row] { position: static; background: none; }
  .plots { grid-template-columns: repeat(3, 1fr); gap: 1rem; }
}
"""
