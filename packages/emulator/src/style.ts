export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f6f4, #151618);
  --card: light-dark(#ffffff, #1e2023);
  --line: light-dark(#e4e4df, #303338);
  --text: light-dark(#1d1f22, #e8e8e6);
  --quiet: light-dark(#63666b, #9b9fa6);
  --accent: light-dark(#3f4fc4, #9aa7ff);
  --good: light-dark(#17703b, #6fd495);
  --bad: light-dark(#b02a2a, #ff8f87);
  --wait: light-dark(#8a5a00, #f0bd5e);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  padding: 1.25rem clamp(1rem, 3vw, 2.5rem) 2rem;
  background: var(--page);
  color: var(--text);
  font: 15px/1.5 system-ui, sans-serif;
}
body > header, main, footer { max-width: 100rem; margin-inline: auto; }
h1 { margin: 0; font-size: 1.25rem; letter-spacing: -0.015em; line-height: 1.2; }
h1 a { color: inherit; text-decoration: none; }
h2 { margin: 1.25rem 0 0.75rem; font-size: 1.05rem; overflow-wrap: anywhere; }
h3 { margin: 1.25rem 0 0.4rem; font-size: 0.9rem; }
h3 small { display: inline; font-weight: 400; }
p { margin: 0.25rem 0; }
a { color: var(--accent); text-underline-offset: 0.15em; overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
time { color: var(--quiet); white-space: nowrap; font-variant-numeric: tabular-nums; }
.whole { white-space: nowrap; }
.quiet, small { color: var(--quiet); }
small { display: block; font-size: 0.85rem; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: clip; }
.empty { padding: 1.75rem 1.25rem; color: var(--quiet); text-align: center; }
.empty strong { display: block; color: var(--text); font-weight: 600; }
.more { margin: 0; padding: 0.6rem 1rem; border-top: 1px solid var(--line); color: var(--quiet); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.65rem 1rem; text-align: left; vertical-align: baseline; }
th { color: var(--quiet); font-weight: 500; font-size: 0.8rem; white-space: nowrap; }
td { overflow-wrap: anywhere; }
tbody tr { border-top: 1px solid var(--line); }
.badge { display: inline-flex; align-items: baseline; gap: 0.45em; white-space: nowrap; }
.badge::before { content: ''; align-self: center; width: 0.5em; height: 0.5em; border-radius: 50%; background: currentColor; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.wait { color: var(--wait); }
button, a.button {
  display: inline-block;
  padding: 0.2rem 0.7rem;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: transparent;
  color: var(--accent);
  text-decoration: none;
  font: inherit;
  font-size: 0.875rem;
  white-space: nowrap;
  cursor: pointer;
}
button:hover, a.button:hover { border-color: currentColor; }
button.main { padding: 0.4rem 1.1rem; border-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.lost { display: none; margin-top: 1rem; padding: 0.6rem 1rem; border: 1px solid currentColor; border-radius: 8px; color: var(--bad); }
.gone .lost { display: block; }
label { display: block; margin-top: 1.25rem; font-weight: 500; }
textarea, input:not([type=checkbox]), select {
  display: block;
  width: 100%;
  margin: 0.35rem 0 0.6rem;
  padding: 0.5rem 0.7rem;
  border: 1px solid var(--quiet);
  border-radius: 6px;
  background: var(--card);
  color: var(--text);
  font: inherit;
}
::placeholder { color: var(--quiet); opacity: 1; }
textarea { font: 0.85rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; resize: vertical; }
ul { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.component { max-width: 40rem; }
.component p { margin: 0.75rem 0; overflow-wrap: anywhere; }
.notice { max-width: 34rem; margin-top: 12vh; }
.notice h1 { margin-bottom: 1rem; }
.notice p { margin: 0.75rem 0; overflow-wrap: anywhere; }
body > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.5rem; }
body > header > p { margin: 0; }
body > header > p:empty { display: none; }
body > header > .lost { flex-basis: 100%; }
nav#tabs { display: flex; flex-wrap: wrap; flex-basis: 100%; gap: 0 0.25rem; margin-top: 0.5rem; border-bottom: 1px solid var(--line); }
nav#tabs a { padding: 0.5rem 0.75rem; border-bottom: 2px solid transparent; color: var(--text); text-decoration: none; white-space: nowrap; }
nav#tabs a:focus-visible { outline-offset: -2px; }
nav#tabs a[aria-current] { border-color: var(--accent); color: var(--accent); }
nav#tabs span { color: var(--quiet); font-size: 0.85rem; font-variant-numeric: tabular-nums; }
.search { display: flex; gap: 0.5rem; margin: 1rem 0; }
.search input:not([type=checkbox]), .search select { width: auto; margin: 0; }
.search input:not([type=checkbox]) { flex: 1; min-width: 0; }
.list { container-type: inline-size; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: clip; }
.list tr { position: relative; }
.list tbody tr:hover { background: color-mix(in srgb, var(--accent) 5%, transparent); }
.list tr.current { background: color-mix(in srgb, var(--accent) 11%, transparent); }
.cell { width: max-content; max-width: max(10rem, 18cqi); }
.list:not(:has(th:nth-child(5))) .cell { max-width: max(10rem, 24cqi); }
.row { color: inherit; font-weight: 500; text-decoration: none; }
.row::after { content: ''; position: absolute; inset: 0; }
.row:focus-visible { outline: none; }
.row:focus-visible::after { outline: 2px solid var(--accent); outline-offset: -2px; }
.above { position: relative; z-index: 1; }
small:empty, .more:empty { display: none; }
.list small.bad, .list small.wait { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
small.bad { color: var(--bad); }
small.wait { color: var(--wait); }
.more nav { display: inline; margin-left: 0.75rem; }
.detail { min-width: 0; padding: 0 1.25rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.detail > p:first-child { margin: 0.75rem 0 0; font-size: 0.875rem; }
.detail h2:focus { outline: none; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.75rem 0; }
.advice { padding: 0.6rem 0.9rem; border: 1px solid currentColor; border-radius: 8px; overflow-wrap: anywhere; }
dl { margin: 1rem 0; }
dl > div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0.75rem; padding: 0.2rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
dd small { display: inline; margin-left: 0.4rem; }
pre {
  max-height: 26rem;
  margin: 0.4rem 0;
  padding: 0.75rem 1rem;
  overflow: auto;
  border: 1px solid var(--line);
  border-radius: 8px;
  background: var(--page);
  font: 0.85rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
summary { margin-top: 0.75rem; color: var(--accent); cursor: pointer; font-size: 0.9rem; }
ol.attempts, ol.history { margin: 0; padding-left: 1.5rem; }
ol.attempts li { margin: 0.5rem 0; }
ol.history { padding: 0; list-style: none; }
main > .card, #view > .card, #verdict > .card, main > form.card { max-width: 52rem; margin: 1rem 0; padding: 0 1.25rem 1.25rem; }
#view > .list { margin: 1rem 0; }
.fields { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.fields > div { flex: 1 1 10rem; }
.line { display: flex; align-items: center; gap: 0.5rem; margin: 0.35rem 0 0.6rem; }
.line input:not([type=checkbox]) { flex: 1; min-width: 0; margin: 0; }
footer { position: sticky; z-index: 2; bottom: 0; padding-top: 0.5rem; }
footer p { margin: 0; }
#said { width: fit-content; margin-left: auto; }
#said:not(:empty) { padding: 0.5rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); box-shadow: 0 2px 10px #0003; }
.keys { padding-top: 0.5rem; background: var(--page); font-size: 0.85rem; }
.keys label { display: inline; margin: 0; font-weight: 400; }
kbd { margin-left: 0.75rem; padding: 0 0.35rem; border: 1px solid var(--line); border-radius: 4px; font: 0.8rem ui-monospace, monospace; }
kbd + kbd { margin-left: 0; }
.hidden { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 60rem) {
  .split.open { display: grid; grid-template-columns: minmax(18rem, 2fr) 3fr; gap: 1rem; align-items: start; }
  .split.open .detail { position: sticky; top: 1rem; max-height: calc(100vh - 4rem); overflow: auto; }
}
@media (max-width: 60rem) {
  .split.open .list, .keys { display: none; }
  nav#tabs { gap: 0; }
  nav#tabs a { padding: 0.45rem 0.4rem; }
  dl > div { grid-template-columns: 6rem minmax(0, 1fr); }
}
@container (max-width: 52rem) {
  thead { display: none; }
  table, tbody, tr, td:first-child { display: block; }
  tr { padding: 0.6rem 1rem; }
  td { display: inline-block; max-width: 100%; padding: 0 0.9rem 0 0; }
  td + td { font-size: 0.9rem; }
  td div, td + td small { display: inline; }
  td + td small { margin-left: 0.4rem; }
  td div + div { margin-left: 0.9rem; }
  td[data-label]::before { content: attr(data-label) ' '; color: var(--quiet); font-size: 0.85rem; }
  td:empty, td:has(> .cell:empty) { display: none; }
}
`;
