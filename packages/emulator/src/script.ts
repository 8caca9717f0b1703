/**
 * Keeps the page current. It replaces the content only if it has changed and no text is selected, and then restores the
 * focus and the scroll position.
 */
export const SCRIPT = `
const refresh = async () => {
  const response = await fetch(location.href).catch(() => null);
  document.body.classList.toggle('gone', !response?.ok);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.querySelector('main');
  const main = document.querySelector('main');
  if (!next || next.innerHTML === main.innerHTML || !getSelection().isCollapsed) return;
  const focused = document.activeElement?.id;
  const top = scrollY;
  main.replaceChildren(...next.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo({ top, behavior: 'instant' });
};
document.addEventListener('submit', async (event) => {
  event.preventDefault();
  await fetch(event.target.action, { method: 'POST' }).catch(() => null);
  await refresh();
});
(async () => {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    if (!document.hidden) await refresh();
  }
})();
`;
