import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import { failureOf } from '../failure.js';
import { CloseIcon } from './icons.js';
import { SignInAgain } from './notice.js';

interface Toast {
  id: number;
  text: string;
  kind: 'good' | 'bad';
  action?: ReactNode;
}

const FADES_AFTER_MS = 8000;

/** More than this would cover a phone. The oldest one goes first. */
const AT_MOST = 3;

type Say = (text: string, kind?: Toast['kind'], action?: ReactNode) => void;

interface Toasting {
  say: Say;
  toasts: readonly Toast[];
  dismiss: (id: number) => void;
  /** The number of open dialogs. */
  dialogs: number;
  /** Called by a dialog that opens. Returns a function to call when it closes. */
  hold: () => () => void;
}

const Saying = createContext<Toasting | undefined>(undefined);

function useToasting(): Toasting {
  const toasting = use(Saying);
  if (!toasting) throw new Error('Messages need a <Toasts> above the component that shows them.');
  return toasting;
}

/** Returns a function that shows a message, which screen readers announce. A success disappears; an error stays until dismissed. */
export function useToast(): Say {
  return useToasting().say;
}

/** Returns a function that shows an error as a message. */
export function useFailureToast(): (error: unknown) => void {
  const say = useToast();
  return (error) => {
    const { message, code } = failureOf(error);
    say(message, 'bad', code === 'UNAUTHENTICATED' && <SignInAgain />);
  };
}

/** Shows the messages inside a dialog while it is open: the rest of the page is inert, and below it. */
export function useToastsInDialog(): void {
  const { hold } = useToasting();
  useEffect(() => hold(), [hold]);
}

export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const [dialogs, setDialogs] = useState(0);
  const dismiss = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const say = useCallback<Say>(
    (text, kind = 'good', action = undefined) => {
      const id = Math.random();
      setToasts((all) => [...all.filter((toast) => toast.text !== text), { id, text, kind, action }].slice(-AT_MOST));
      if (kind === 'good') setTimeout(() => dismiss(id), FADES_AFTER_MS);
    },
    [dismiss],
  );
  const hold = useCallback(() => {
    setDialogs((count) => count + 1);
    return () => setDialogs((count) => count - 1);
  }, []);
  const value = useMemo(() => ({ say, toasts, dismiss, dialogs, hold }), [say, toasts, dismiss, dialogs, hold]);
  return (
    <Saying value={value}>
      {children}
      {dialogs === 0 && <ToastList />}
    </Saying>
  );
}

/** The messages, newest last. Both regions are always rendered: screen readers announce changes of an existing region only. */
export function ToastList() {
  const { toasts, dismiss } = useToasting();
  const row = ({ id, kind, text, action }: Toast) => (
    <div className={`toast ${kind}`} key={id}>
      <p>
        {text} {action}
      </p>
      <button type="button" className="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
        <CloseIcon />
      </button>
    </div>
  );
  return (
    <div className="toasts">
      <div role="status">{toasts.filter(({ kind }) => kind === 'good').map(row)}</div>
      <div role="alert">{toasts.filter(({ kind }) => kind === 'bad').map(row)}</div>
    </div>
  );
}
