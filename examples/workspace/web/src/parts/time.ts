/** Formats a time: the hour if it is today, otherwise the date. */
export function shortTime(iso: string): string {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday
    ? `today ${at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}`
    : at.toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' });
}
