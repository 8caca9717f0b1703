import { type ComponentProps, useState } from 'react';

/** Does one thing at a time. It stays where it is and keeps the focus meanwhile. */
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
