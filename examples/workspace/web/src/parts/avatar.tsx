const HUES = 6;

/** Shows initials on a colour that depends only on the user's id. */
export function Avatar({
  id,
  name,
  large = false,
}: {
  id: string;
  name: string;
  /** @default false */
  large?: boolean;
}) {
  const words = name.split(/\s+/u).filter(Boolean);
  const initials = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => [...(word ?? '')][0] ?? '').join('');
  const hue = [...id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES;
  return (
    <span className={`avatar hue-${hue} ${large ? 'large' : ''}`} aria-hidden="true">
      {initials.toUpperCase()}
    </span>
  );
}

/** Shows the first letter of a team's name. */
export function TeamBadge({
  name,
  large = false,
}: {
  name: string;
  /** @default false */
  large?: boolean;
}) {
  return (
    <span className={`badge ${large ? 'large' : ''}`} aria-hidden="true">
      {[...name][0]}
    </span>
  );
}
