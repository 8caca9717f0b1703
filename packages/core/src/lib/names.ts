/** Suggestions for misspelt names. */

/** Longer names are not compared: the work grows with the product of the lengths. */
const MAX_LENGTH = 64;

/**
 * Finds the known name that is most like a name: the same letters in any spelling (`getInvitations`, `get_invitations`,
 * `GET_INVITATIONS`), or at most a third of its letters changed or swapped.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = lettersOf(name);
  if (plain.length > MAX_LENGTH) return undefined;
  const scored = known.map((one) => ({ one, distance: distance(plain, lettersOf(one)) }));
  const [best] = scored.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(plain.length / 3)) ? best.one : undefined;
}

function lettersOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/** The number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
