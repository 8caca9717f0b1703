/** Formats a time: the hour if it is today, otherwise the date. */
export function shortTime(iso: string): string {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday
    ? `today ${unbroken(at.toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' }))}`
    : unbroken(at.toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' }));
}

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

/** Formats when an invitation expires: `expires in 29 days`, or the hour on its last day. */
export function expiryText(iso: string): string {
  const left = Date.parse(iso) - Date.now();
  if (left <= 0) return 'expired';
  const days = Math.round(left / DAY);
  return days > 1 ? `expires in ${unbroken(`${days} days`)}` : `expires ${shortTime(iso)}`;
}

/** Keeps a line from ending inside the text, such as between `12:25` and `PM`. */
function unbroken(text: string): string {
  return text.replace(/\s/gu, '\u00a0');
}
