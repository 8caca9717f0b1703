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
  padding: 2.5rem clamp(1rem, 4vw, 3rem) 4rem;
  background: var(--page);
  color: var(--text);
  font: 15px/1.5 system-ui, sans-serif;
}
body > header, main { max-width: 76rem; margin-inline: auto; }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: -0.015em; line-height: 1.2; }
h2 { display: flex; align-items: baseline; gap: 0.5rem; margin: 2.25rem 0 0.75rem; font-size: 1rem; }
h2 span { color: var(--quiet); font-weight: 400; font-variant-numeric: tabular-nums; }
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
.more { padding: 0.6rem 1rem; border-top: 1px solid var(--line); color: var(--quiet); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.65rem 1rem; text-align: left; vertical-align: top; }
th { color: var(--quiet); font-weight: 500; font-size: 0.8rem; white-space: nowrap; }
td { overflow-wrap: anywhere; }
tbody tr { border-top: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.badge { display: inline-flex; align-items: center; gap: 0.45em; white-space: nowrap; }
.badge::before { content: ''; width: 0.5em; height: 0.5em; border-radius: 50%; background: currentColor; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.wait { color: var(--wait); }
button {
  padding: 0.2rem 0.7rem;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: transparent;
  color: var(--accent);
  font: inherit;
  font-size: 0.875rem;
  white-space: nowrap;
  cursor: pointer;
}
button:hover { border-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.lost { display: none; margin-top: 1rem; padding: 0.6rem 1rem; border: 1px solid currentColor; border-radius: 8px; color: var(--bad); }
.gone .lost { display: block; }
.gone main { opacity: 0.5; }
label { display: block; margin-top: 1.25rem; font-weight: 500; }
textarea, input {
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
textarea { font: 0.85rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; resize: vertical; }
ul { margin: 0; padding-left: 1.25rem; }
.component { max-width: 40rem; }
.component p { margin: 0.75rem 0; overflow-wrap: anywhere; }
.notice { max-width: 34rem; margin-top: 12vh; }
.notice h1 { margin-bottom: 1rem; }
.notice p { margin: 0.75rem 0; }
@media (max-width: 46rem) {
  thead { display: none; }
  table, tbody, tr, td { display: block; }
  tr { padding: 0.6rem 1rem; }
  td, td.number { padding: 0.1rem 0; text-align: left; }
  td[data-label]::before { content: attr(data-label) ' '; color: var(--quiet); font-size: 0.85rem; }
  td:empty { display: none; }
}
`;
