/** Renders a tab that lists items: search, filters, pages of rows, and the details of one item. */
import { html } from 'hono/html';
import type { Html } from '../layout.js';

/** The number of rows on a page. */
const ROWS = 100;

/** A tab with a list. */
export interface ListTab<Item extends { id: string } = { id: string }> {
  /** The first segment of its paths. */
  name: string;
  title: string;
  /** Shown while there are no items. */
  empty: () => Html;
  /** Oldest first. */
  items: () => readonly Item[];
  /** The text that a search looks in. */
  text: (item: Item) => string;
  filters: Readonly<Record<string, (item: Item) => boolean>>;
  columns: readonly string[];
  /** The name of an item, which its row links by. */
  label: (item: Item) => string;
  /** The cells of a row. The link is put before the content of the first one. */
  cells: (item: Item) => readonly Html[];
  detail: (item: Item) => Html;
}

/** The part of a tab that does not depend on the kind of its items. */
type Head = Pick<ListTab, 'name'> & { filters: Readonly<Record<string, unknown>> };

/** The selection that the address of the page asks for. */
export interface Query {
  q: string;
  only: string;
  page: number;
  id: string | undefined;
}

export function readQuery(query: Record<string, string>, id: string | undefined): Query {
  const page = Math.max(1, Math.trunc(Number(query.page ?? '1')) || 1);
  return { q: query.q ?? '', only: query.only ?? '', page, id };
}

/** Returns the search form, which stays while its results change, and the results. */
export function renderList<Item extends { id: string }>(tab: ListTab<Item>, query: Query): { form: Html; view: Html } {
  const all = tab.items();
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = Object.hasOwn(tab.filters, query.only) ? tab.filters[query.only] : undefined;
  const found = all.filter((item) => (chosen?.(item) ?? true) && contains(tab.text(item), words)).toReversed();
  const pages = Math.max(1, Math.ceil(found.length / ROWS));
  const page = Math.min(query.page, pages);
  const item = query.id === undefined ? undefined : all.find(({ id }) => id === query.id);
  const rows = found.slice((page - 1) * ROWS, page * ROWS);
  const view = html`<div class="split${query.id === undefined ? '' : ' open'}">
<section class="list" id="list" data-live aria-label="${tab.title}">
${all.length === 0 ? html`<div class="empty">${tab.empty()}</div>` : table(tab, rows, query)}
<div class="more" id="count">${count(all.length, found.length)}${pages > 1 ? html` ${pager(tab, query, page, pages)}` : ''}</div>
</section>
${query.id === undefined ? '' : aside(tab, query, item)}
</div>`;
  return { form: searchForm(tab, query), view };
}

function contains(text: string, words: readonly string[]): boolean {
  const lower = words.length > 0 ? text.toLowerCase() : '';
  return words.every((word) => lower.includes(word));
}

function searchForm(tab: Head, { q, only }: Query): Html {
  const options = Object.keys(tab.filters).map(
    (name) => html`<option${name === only ? ' selected' : ''}>${name}</option>`,
  );
  return html`<form class="search" action="/${tab.name}" role="search">
<label for="q" class="hidden">Search</label><input id="q" name="q" type="search" value="${q}" placeholder="Search" autocomplete="off" spellcheck="false">
<label for="only" class="hidden">Show</label><select id="only" name="only"><option value="">All</option>${options}</select>
<noscript><button>Show</button></noscript>
</form>`;
}

function count(all: number, found: number): string {
  if (all === 0) return '';
  return found === all ? `${all} in all` : `${found} of ${all} shown`;
}

function pager(tab: Head, query: Query, page: number, pages: number): Html {
  const link = (to: number, text: string) =>
    to < 1 || to > pages
      ? ''
      : html`<a id="page-${text}" href="${address(tab.name, { ...query, page: to, id: undefined })}">${text}</a> `;
  return html`<nav aria-label="Pages">Page ${page} of ${pages} ${link(page - 1, 'Newer')}${link(page + 1, 'Older')}</nav>`;
}

function table<Item extends { id: string }>(tab: ListTab<Item>, rows: readonly Item[], query: Query): Html {
  if (rows.length === 0)
    return html`<div class="empty"><strong>Nothing found</strong> Change the search or the filter.</div>`;
  return html`<table>
<thead><tr>${tab.columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map((item) => row(tab, item, query))}</tbody>
</table>`;
}

function row<Item extends { id: string }>(tab: ListTab<Item>, item: Item, query: Query): Html {
  const isOpen = item.id === query.id;
  const [first, ...others] = tab.cells(item);
  const link = html`<a class="row" id="row-${item.id}" href="${address(tab.name, { ...query, id: item.id })}"${isOpen ? html` aria-current="true"` : ''}>${tab.label(item)}</a>`;
  return html`<tr${isOpen ? html` class="current"` : ''}><td>${link}${first}</td>${others.map((cell, index) => html`<td${labelled(tab.columns[index + 1])}><div class="cell">${cell}</div></td>`)}</tr>`;
}

/** A narrow list has no headings. A number needs a name there. */
function labelled(column = ''): Html | '' {
  return column === 'Clicks' || column === 'Attempts' ? html` data-label="${column}"` : '';
}

function aside<Item extends { id: string }>(tab: ListTab<Item>, query: Query, item: Item | undefined): Html {
  const back = address(tab.name, { ...query, id: undefined });
  const content = item
    ? tab.detail(item)
    : html`<h2 tabindex="-1">Not here</h2><p>The emulator keeps no item with this id. It was reset, or has dropped the item.</p>`;
  return html`<section class="detail" id="detail" data-live aria-label="Details">
<p><a id="back" href="${back}">Back to the list</a></p>
${content}
</section>`;
}

function address(name: string, { q, only, page, id }: Query): string {
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(only && { only }),
    ...(page > 1 && { page: String(page) }),
  });
  return `/${name}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${query.size > 0 ? `?${query}` : ''}`;
}
