import { type ComponentProps, useState } from 'react';

/** A button for an action that takes time. It ignores presses while the action runs, and keeps the focus. */
export function ActionButton({
  onPress,
  isOff = false,
  children,
  ...rest
}: ComponentProps<'button'> & {
  onPress: () => Promise<unknown>;
  /**
   * Ignores presses. Unlike `disabled`, it keeps the focus.
   * @default false
   */
  isOff?: boolean;
}) {
  const [isBusy, setBusy] = useState(false);
  const press = () => {
    if (isBusy || isOff) return;
    setBusy(true);
    onPress().finally(() => setBusy(false));
  };
  return (
    <button type="button" aria-busy={isBusy} aria-disabled={isBusy || isOff} onClick={press} {...rest}>
      {children}
    </button>
  );
}
