import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import { ToastList, useToastsInDialog } from './toasts.js';

/**
 * A modal dialog that is open while it is mounted. Escape calls `onClose`, which unmounts it or keeps it open. Closing restores the
 * focus.
 */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useToastsInDialog();
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => {
        if (dialog.current?.open !== false) return;
        // The browser closes it without `cancel` if Escape is pressed again before any other key or click.
        flushSync(onClose);
        dialog.current?.showModal();
      }}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
      <ToastList />
    </dialog>
  );
}
