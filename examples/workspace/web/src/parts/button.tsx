import { type ComponentProps, useState } from 'react';

/** A button for an action that takes time. It ignores presses while the action runs, and keeps the focus. */
export function ActionButton({
  onPress,
  children,
  ...rest
}: ComponentProps<'button'> & { onPress: () => Promise<unknown> }) {
  const [isBusy, setBusy] = useState(false);
  const press = () => {
    if (isBusy) return;
    setBusy(true);
    onPress().finally(() => setBusy(false));
  };
  return (
    <button type="button" aria-busy={isBusy} aria-disabled={isBusy} onClick={press} {...rest}>
      {children}
    </button>
  );
}
